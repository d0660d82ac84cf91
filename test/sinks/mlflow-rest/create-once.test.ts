import test from "ava";
import { ANSWER_MS_MAX, LATE_LOOK_MS, LATE_MS } from "../../../src/model/limits.js";
import { SetClock } from "../../support/clock.js";
import { ScriptedMlflow } from "../../support/scripted-mlflow.js";
import { signal } from "../../support/signal.js";
import { until } from "../../support/until.js";
import { OTHER_RUN_ID, pack, RUN_ID, START } from "../mlflow-sqlite/packs.js";
import { keptRunIds, only, restSink } from "./rest.js";

const RETRY = { kind: "retry", code: "STEPWELL_SERVER_UNREACHABLE" };
const DELIVERED = { kind: "delivered", refused: [] };

test("a run whose creation was answered into a broken connection is found, not made again", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const sink = restSink(t, server.url);
  server.once("runs/create", "break-after");
  t.like(only(await sink.send([pack(1, [["loss", 0n, 1n, 2]])])), RETRY);
  t.deepEqual(only(await sink.send([pack(1, [["loss", 0n, 1n, 2]])])), DELIVERED);
  t.is(server.store.runs.length, 1);
  t.is(server.store.run(RUN_ID).points.length, 1);
});

test("a run whose creation was answered with half a body is found, not made again", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const sink = restSink(t, server.url);
  server.once("runs/create", "half-after");
  t.like(only(await sink.send([pack(1)])), { kind: "hold", code: "STEPWELL_SERVER_NOT_UNDERSTOOD" });
  t.deepEqual(only(await sink.send([pack(1)])), DELIVERED);
  t.is(server.store.runs.length, 1);
});

test("a run that is gone when its end comes is given up, as one that is gone when entries come", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const sink = restSink(t, server.url);
  t.deepEqual(only(await sink.send([pack(1)])), DELIVERED);
  const body = JSON.stringify({ error_code: "RESOURCE_DOES_NOT_EXIST", message: "Run not found" });
  server.once("runs/update", { status: 404, body });
  const end = { status: "FINISHED", endTimeMs: 9 } as const;
  t.like(only(await sink.send([pack(2, [], { end })])), { kind: "refused", code: "STEPWELL_RUN_DELETED" });
});

test("a run that may still be under way is looked for until that is over, and only then made again", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const clock = new SetClock();
  const sink = restSink(t, server.url, { clock });
  server.once("runs/create", "break-before");
  t.like(only(await sink.send([pack(1)])), RETRY);
  clock.move(LATE_MS - 1_000);
  t.like(only(await sink.send([pack(1)])), { kind: "retry", afterMs: 1_000 });
  t.is(server.of("runs/create").length, 1);
  clock.move(1_000);
  t.deepEqual(only(await sink.send([pack(1)])), DELIVERED);
  t.is(server.store.runs.length, 1);
});

test("a run that is made long after it was asked for, and after it was given up, is made once", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const clock = new SetClock();
  const runIds = keptRunIds();
  const sink = restSink(t, server.url, { clock, runIds, answerMs: 3_000 });
  const [late, carryOut] = signal();
  let isFirst = true;
  server.rule(({ path }) => {
    if (!path.endsWith("runs/create") || !isFirst) return undefined;
    isFirst = false;
    // As long as an answer is waited for.
    clock.move(ANSWER_MS_MAX);
    return { late, breaks: false };
  });
  t.like(only(await sink.send([pack(1)])), RETRY);
  t.like(only(await sink.send([pack(1)])), { kind: "retry", afterMs: LATE_LOOK_MS });
  clock.move(LATE_MS);
  const next = restSink(t, server.url, { clock, runIds });
  t.like(
    only(await next.send([pack(1)])),
    { kind: "retry", afterMs: LATE_LOOK_MS },
    "when the other daemon died is not known",
  );
  carryOut();
  await until(
    "the server has a run",
    () => server.store.runs.length,
    (count) => count > 0,
  );
  t.deepEqual(only(await next.send([pack(1)])), DELIVERED);
  t.is(server.store.runs.length, 1);
});

test("a daemon that dies between the server's answer and its own note of it finds the run", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const runIds = keptRunIds();
  const died = {
    ...runIds,
    keep: async (runId: string, value: Parameters<typeof runIds.keep>[1]) => {
      if (value?.kind === "known") throw new Error("SIGKILL");
      await runIds.keep(runId, value);
    },
  };
  t.like(only(await restSink(t, server.url, { runIds: died }).send([pack(1)])), { kind: "hold" });
  t.is(server.store.runs.length, 1);
  t.deepEqual(only(await restSink(t, server.url, { runIds }).send([pack(1)])), DELIVERED);
  t.is(server.store.runs.length, 1);
  t.like(runIds.kept.get(RUN_ID), { kind: "known", mlflowRunId: server.store.runs[0]?.id });
});

for (const [what, reaction] of [
  ["refused", { status: 400, body: '{"error_code":"INVALID_PARAMETER_VALUE","message":"bad"}' }],
  ["failed at", { status: 500, body: "<h1>Internal Server Error</h1>" }],
  ["lost", "break-after"],
] as const) {
  test(`a run whose creation was ${what} has the tags of its start in the end, once`, async (t) => {
    const server = await ScriptedMlflow.start(t);
    const clock = new SetClock();
    const runIds = keptRunIds();
    const sink = restSink(t, server.url, { clock, runIds });
    server.once("runs/create", reaction);
    let outcome = only(await sink.send([pack(1)]));
    clock.move(LATE_MS);
    if (outcome.kind !== "delivered") outcome = only(await sink.send([pack(1)]));
    t.deepEqual(outcome, DELIVERED);
    const { tags } = server.store.run(RUN_ID);
    t.is(tags.get("mlflow.runName"), START.runName);
    t.is(tags.get("mlflow.user"), START.user);
    const again = restSink(t, server.url, { clock, runIds });
    t.deepEqual(only(await again.send([pack(2)])), DELIVERED);
    t.is(server.of("log-batch").length, 1, "they are set once");
  });
}

test("a run whose start may be at fault is made without it, and what is at fault is refused alone", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const clock = new SetClock();
  const sink = restSink(t, server.url, { clock });
  server.rule(({ body }) => (body.includes(START.runName) ? { status: 500, body: "" } : undefined));
  const outcomes: string[] = [];
  for (let last = ""; last !== "delivered"; outcomes.push(last)) {
    const outcome = only(await sink.send([pack(1, [["loss", 0n, 1n, 2]])]));
    last = outcome.kind;
    if (outcome.kind === "delivered") t.like(outcome.refused, [{ kind: "tag", key: "mlflow.runName" }]);
    clock.move(LATE_MS);
  }
  t.true(outcomes.length < 7, outcomes.join());
  t.is(server.store.run(RUN_ID).points.length, 1);
  t.is(server.store.run(RUN_ID).tags.get("mlflow.user"), START.user);
});

test("a run that was refused with certainty is made again at once", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const runIds = keptRunIds();
  const sink = restSink(t, server.url, { runIds });
  server.once("runs/create", { status: 401 });
  t.like(only(await sink.send([pack(1)])), { kind: "hold", code: "STEPWELL_NOT_AUTHENTICATED" });
  t.is(runIds.kept.size, 0);
  t.deepEqual(only(await sink.send([pack(1)])), DELIVERED);
  t.is(server.of("runs/search").length, 0);
});

test("an experiment that somebody else makes at the same moment is used", async (t) => {
  const server = await ScriptedMlflow.start(t);
  let isFirst = true;
  server.rule(({ path }) => {
    if (!path.includes("get-by-name") || !isFirst) return undefined;
    isFirst = false;
    server.store.experiments.set(START.experimentName, "77");
    return { status: 404, body: JSON.stringify({ error_code: "RESOURCE_DOES_NOT_EXIST", message: "none" }) };
  });
  t.deepEqual(only(await restSink(t, server.url).send([pack(1)])), DELIVERED);
  t.is(server.store.run(RUN_ID).experimentId, "77");
});

test("an experiment is made once for many runs, and looked up once", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const sink = restSink(t, server.url);
  t.deepEqual(only(await sink.send([pack(1)])), DELIVERED);
  t.deepEqual(only(await sink.send([pack(1, [], { runId: OTHER_RUN_ID })])), DELIVERED);
  t.is(server.of("experiments/create").length, 1);
  t.is(server.of("experiments/get-by-name").length, 1);
});

test("a deleted experiment holds the lane and is named", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const experiment = { experiment_id: "3", lifecycle_stage: "deleted" };
  server.once("experiments/get-by-name", { status: 200, body: JSON.stringify({ experiment }) });
  const sink = restSink(t, server.url);
  t.deepEqual(only(await sink.send([pack(1)])), {
    kind: "hold",
    scope: "run",
    code: "STEPWELL_EXPERIMENT_DELETED",
    reason: `Experiment "digits" is deleted at ${server.url}.`,
  });
  t.deepEqual(only(await sink.send([pack(1)])), DELIVERED, "it goes on once the experiment is restored");
});

test("a server that keeps another status than it was told holds the lane", async (t) => {
  const server = await ScriptedMlflow.start(t);
  server.once("runs/update", { status: 200, body: JSON.stringify({ run_info: { status: "RUNNING" } }) });
  const end = { status: "FINISHED", endTimeMs: 9 } as const;
  const sink = restSink(t, server.url);
  t.like(only(await sink.send([pack(1, [], { end })])), {
    kind: "hold",
    code: "STEPWELL_SERVER_NOT_UNDERSTOOD",
  });
  t.deepEqual(only(await sink.send([pack(1, [], { end })])), DELIVERED);
  t.like(server.store.run(RUN_ID), { status: "FINISHED", endTime: "9" });
});

test("a token that no header carries holds the lane before anything is asked", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const sink = restSink(t, server.url, { settings: async () => ({ tracking_token: "a\r\nb: c" }) });
  const outcome = only(await sink.send([pack(1)]));
  t.like(outcome, { kind: "hold", code: "STEPWELL_NOT_AUTHENTICATED" });
  t.false(JSON.stringify(outcome).includes("b: c"));
  t.is(server.seen.length, 0);
});

test("a server older than 2.2.1 is warned of, once", async (t) => {
  const server = await ScriptedMlflow.start(t);
  server.once("/version", { status: 200, body: "2.1.1" });
  const said: string[] = [];
  const sink = restSink(t, server.url, { log: (_level, message) => void said.push(message) });
  for (const seq of [1, 2]) t.deepEqual(only(await sink.send([pack(seq)])), DELIVERED);
  t.is(said.length, 1);
  t.regex(said[0] ?? "", /MLflow 2\.1\.1 hands out any file of its machine/);
});
