import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { StepwellClient } from "../src/index.js";
import { RecordingServer } from "./support/recording-server.js";

test("a full buffer drops the newest, counts them and says so once; the kept ones arrive", async (t) => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on("warning", note);
  const server = new RecordingServer();
  const client = new StepwellClient({ endpoint: server.endpoint, bufferBytesMax: 100_000 });
  const run = client.startRun();
  for (let step = 0; step < 10_000; step++) run.logMetric("k", step, { step });
  run.logSeries("s", [1, 2], [1, 2]);
  const { dropped, bufferedBytes } = client.stats();
  t.true(
    dropped > 5_000 && bufferedBytes <= 100_000 && bufferedBytes > 90_000,
    `${dropped} ${bufferedBytes}`,
  );
  await sleep(10);
  process.off("warning", note);
  // On a slow machine it has been said by now, too, that no daemon answers.
  const codes = warnings.map((warning) => "code" in warning && warning.code);
  t.is(codes.filter((code) => code === "STEPWELL_BUFFER_FULL").length, 1, codes.join());
  await server.listen();
  await client.flush();
  const kept = 10_002 - dropped;
  t.deepEqual(
    server.points("k").map(({ step }) => Number(step)),
    Array.from({ length: kept }, (_, i) => i),
  );
  run.logMetric("k", 0);
  await client.flush();
  t.is(client.stats().dropped, dropped);
  await client.close();
  server.stop();
});

test("an outage is kept in few large batches, not in one for every few milliseconds", async (t) => {
  const server = await RecordingServer.start({ ackDelayMs: 1_000_000 });
  const client = new StepwellClient({ endpoint: server.endpoint });
  const run = client.startRun();
  for (let i = 0; i < 400; i++) {
    for (let k = 0; k < 10; k++) run.logMetric("k", i);
    await sleep(6);
  }
  t.true(server.batches.length <= 260, String(server.batches.length));
  server.kill();
  await t.throwsAsync(client.close({ timeoutMs: 0 }));
  server.stop();
});
