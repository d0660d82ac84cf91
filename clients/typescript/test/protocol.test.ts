import { setTimeout as sleep } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import test, { type ExecutionContext } from "ava";
import { until } from "../../../test/support/until.js";
import { type ClientOptions, StepwellClient, StepwellClientError } from "../src/index.js";
import { type RecordingOptions, RecordingServer, type WireBatch } from "./support/recording-server.js";

async function connected(t: ExecutionContext, options: RecordingOptions = {}, more: ClientOptions = {}) {
  const server = await RecordingServer.start(options);
  const client = new StepwellClient({ endpoint: server.endpoint, ...more });
  t.teardown(async () => {
    server.stop();
    await client.close({ timeoutMs: 0 }).catch(() => undefined);
  });
  return { server, client, run: client.startRun() };
}

function isComplete(t: ExecutionContext, server: RecordingServer, points: number): void {
  const steps = server.points("k").map(({ step }) => Number(step));
  t.deepEqual(
    steps,
    Array.from({ length: points }, (_, i) => i),
  );
  t.deepEqual(server.violations, []);
}

test("Hello names the producer, its version and the process", async (t) => {
  const { server, client } = await connected(t);
  await client.flush();
  const [hello] = server.hellos;
  t.like(hello, { client_name: "typescript", client_version: "0.1.0", epoch: "1" });
  t.is(hello?.process.pid, process.pid);
  if (process.platform === "linux") {
    t.regex(hello?.process.boot_id ?? "", /^[0-9a-f-]{36}$/);
    t.true(BigInt(hello?.process.start_ticks ?? 0) > 0n);
  }
});

test("batches are split at the handshake's message limit and stay within its window", async (t) => {
  const limits = { messageBytesMax: 70_000, windowBytes: 150_000, ackDelayMs: 5 };
  const { server, client, run } = await connected(t, limits);
  const points = 60_000;
  run.logSeries(
    "k",
    Array.from({ length: points }, (_, i) => i),
    new Float64Array(points),
  );
  for (let i = 0; i < 30; i++) run.setTag(`t${i}`, "𝔘".repeat(8_000));
  run.end();
  await client.flush();
  isComplete(t, server, points);
  t.true(server.batches.length > 30);
  t.is(server.texts("tags").length, 30);
  t.truthy(server.batches.at(-1)?.run_end);
});

test("points of a logged model are columns of their own, beside the run's of that key", async (t) => {
  const { server, client, run } = await connected(t);
  run.logMetric("k", 0.25, { step: 1 });
  run.logMetric("k", 0.5, { step: 2, modelId: "m-1" });
  run.logMetrics({ k: 0.75 }, { step: 3, modelId: "m-1" });
  run.logSeries("k", [4, 5], [1, 2], undefined, "m-2");
  await client.flush();
  const found = server.batches.flatMap(({ metrics }) =>
    metrics.flatMap(({ key, model_id, steps }) => steps.map((step) => `${key} ${model_id} ${step}`)),
  );
  t.deepEqual(found.sort(), ["k  1", "k m-1 2", "k m-1 3", "k m-2 4", "k m-2 5"]);
});

test("a batch that the daemon missed is sent again from there, and nothing is doubled", async (t) => {
  const lost = new Set<string>();
  const lose = ({ sequence }: WireBatch) => {
    if (Number(sequence) % 5 !== 0 || lost.has(sequence)) return false;
    lost.add(sequence);
    return true;
  };
  const { server, client, run } = await connected(t, { lose });
  await client.flush();
  for (let step = 0; step < 300; step++) {
    run.logMetric("k", step, { step });
    if (step % 3 === 0) await sleep(2);
  }
  // What is lost last is asked for only when something follows it.
  const flushed = client.flush().then(() => true);
  for (let i = 0; !(await Promise.race([flushed, sleep(20).then(() => false)])); i++) run.setTag("more", i);
  isComplete(t, server, 300);
  t.true(lost.size > 3);
});

test("a daemon that is killed and comes back gets everything once, with a higher epoch", async (t) => {
  const { server, client, run } = await connected(t, { ackDelayMs: 10 });
  await client.flush();
  for (let step = 0; step < 1_000; step++) {
    run.logMetric("k", step, { step });
    if (step % 5 === 0) await sleep(1);
    if (step % 250 === 100) {
      server.kill();
      await sleep(20);
      const connects = server.hellos.length;
      await server.listen();
      await until("another Hello", () => server.hellos.length > connects, Boolean, { everyMs: 2 });
    }
  }
  await client.flush();
  isComplete(t, server, 1_000);
  t.is(server.hellos.length, 5);
  t.is(new Set(server.hellos.map(({ producer_id }) => producer_id.toString("hex"))).size, 1);
  t.is(client.stats().acknowledged, 1_000);
  t.is(client.stats().connects, 5);
});

test("a daemon that stops ends the stream; the client connects again", async (t) => {
  const { server, client, run } = await connected(t);
  run.logMetric("k", 0, { step: 0 });
  await client.flush();
  server.endStreams("STEPWELL_DAEMON_STOPPING", status.UNAVAILABLE);
  run.logMetric("k", 1, { step: 1 });
  await client.flush();
  isComplete(t, server, 2);
});

test("another home's journal is told of the runs and gets all that is not acknowledged", async (t) => {
  const { server, client, run } = await connected(t);
  run.logMetric("k", 0, { step: 0 });
  await client.flush();
  const held = server.batches.length;
  server.kill();
  server.forget();
  run.logMetric("k", 1, { step: 1 });
  await server.listen();
  await client.flush();
  await until(
    "a start of a run again",
    () => server.batches.slice(held).some(({ run_start }) => run_start !== null),
    Boolean,
    { everyMs: 2 },
  );
  t.is(server.hellos.at(-1)?.first_unacknowledged_sequence, String(held + 1));
  isComplete(t, server, 2);
});

test("a refused entry is counted and told once; the rest arrives", async (t) => {
  const refusal = {
    kind: "ENTRY_KIND_METRIC",
    index: 0,
    entries: 2,
    code: "STEPWELL_KEY_INVALID",
    message: "No.",
  };
  const reject = ({ metrics }: { metrics: readonly unknown[] }) => (metrics.length > 0 ? [refusal] : []);
  const warnings: Error[] = [];
  const note = (warning: Error & { code?: string }) => {
    if (warning.code === "STEPWELL_KEY_INVALID") warnings.push(warning);
  };
  process.on("warning", note);
  const { client, run } = await connected(t, { reject });
  run.logSeries("refused", [0, 1], [0, 0]);
  run.logMetric("fine", 1);
  await client.flush();
  run.logSeries("refused", [2, 3], [0, 0]);
  await client.flush();
  t.like(client.stats(), { sent: 5, acknowledged: 1, acknowledgedPoints: 1, rejected: 4 });
  await until("a warning", () => warnings.length > 0, Boolean, { everyMs: 2 });
  process.off("warning", note);
  t.is(warnings.length, 1);
  t.like(warnings[0], { name: "StepwellWarning", code: "STEPWELL_KEY_INVALID" });
  t.true(warnings[0]?.message.includes('the metric "refused"'));
});

for (const code of ["STEPWELL_PRODUCER_FENCED", "STEPWELL_VERSION_MISMATCH", "STEPWELL_MESSAGE_TOO_LARGE"]) {
  test(`${code} ends the client: flush says so, log calls are counted and never throw`, async (t) => {
    const { server, client, run } = await connected(t);
    await client.flush();
    server.endStreams(code, status.FAILED_PRECONDITION);
    run.logMetric("k", 1);
    const error = await t.throwsAsync(client.flush({ timeoutMs: 5_000 }), {
      instanceOf: StepwellClientError,
    });
    t.like(error, { code, remedy: "Do something." });
    run.logMetric("k", 2);
    t.is(client.stats().dropped, 1);
    t.is(server.hellos.length, 1);
  });
}

test("flush rejects at its deadline with what is left and why, and a later one succeeds", async (t) => {
  const { server, client, run } = await connected(t);
  await client.flush();
  server.kill();
  run.logMetric("k", 0, { step: 0 });
  const beginMs = performance.now();
  const flush = () =>
    t.throwsAsync(client.flush({ timeoutMs: 150 }), {
      instanceOf: StepwellClientError,
      code: "STEPWELL_FLUSH_TIMEOUT",
      message: /1 entry was not acknowledged within 150 ms/,
    });
  await flush();
  t.true(performance.now() - beginMs < 20_000);
  // The reason is known once the client has tried to connect, which takes longer on a busy machine.
  const named = /STEPWELL_DAEMON_UNREACHABLE/;
  await until("the reason is told", flush, (error) => named.test(error?.message ?? ""));
  await server.listen();
  await client.flush();
  isComplete(t, server, 1);
});

test("a daemon that can't be started is named as the reason, and without being asked", async (t) => {
  const warnings: string[] = [];
  const note = ({ message }: Error) => {
    if (message.includes("/nowhere/stepwell can't be run")) warnings.push(message);
  };
  process.on("warning", note);
  t.teardown(() => process.off("warning", note));
  const client = new StepwellClient({ home: "/nowhere/home", command: "/nowhere/stepwell" });
  client.startRun().logMetric("k", 1);
  // The sender's thread takes a while to load when all the tests of this file start one.
  await until(
    "the reason is told",
    async () => await t.throwsAsync(client.flush({ timeoutMs: 200 }), { instanceOf: StepwellClientError }),
    (error) => /\/nowhere\/stepwell can't be run/.test(error?.message ?? ""),
  );
  await until(
    "the warning is told",
    () => warnings.length,
    (count) => count > 0,
  );
  t.regex(warnings[0] ?? "", /set STEPWELL_COMMAND/);
  await t.throwsAsync(client.close({ timeoutMs: 1 }));
});

test("withRun ends its run as FINISHED, or as FAILED when the function throws", async (t) => {
  const { server, client } = await connected(t);
  t.is(await client.withRun({}, (run) => run.runId.length), 32);
  await t.throwsAsync(
    client.withRun({}, async () => {
      await sleep(1);
      throw new Error("broken");
    }),
    { message: "broken" },
  );
  await client.flush();
  t.deepEqual(
    server.batches.flatMap(({ run_end }) => (run_end === null ? [] : [run_end.status])),
    ["RUN_STATUS_FINISHED", "RUN_STATUS_FAILED"],
  );
});
