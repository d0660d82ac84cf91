import test from "ava";
import { StepwellClient } from "../src/client.js";
import { RecordingServer } from "./support/recording-server.js";

test("what is logged arrives as it was logged, and flush resolves once it is on disk", async (t) => {
  const server = await RecordingServer.start();
  const client = new StepwellClient({ endpoint: server.endpoint });
  const run = client.startRun({ runName: "r", experimentName: "e", experimentTracker: "t" });
  run.logMetric("loss", 0.5, { step: 1, timestampMs: 1_700_000_000_000 });
  run.logMetric("loss", Number.NaN, { step: -5n });
  run.logMetric("loss", Number.NEGATIVE_INFINITY, { step: 2n ** 63n - 1n });
  run.logMetric("loss", -0, { step: -(2n ** 63n) });
  run.logMetric("loss", 1, { step: -(2 ** 40) - 1 });
  run.logMetrics({ a: 1, "b/c": 2 }, { step: 7, timestampMs: 5n });
  run.logParams({ lr: 0.1, name: "é漢𝔘", big: 12n, flag: true });
  run.setTags({ k: "v" });
  run.end("FAILED");
  await client.flush();
  t.deepEqual(
    server.points("loss").map(({ step }) => step),
    [1n, -5n, 2n ** 63n - 1n, -(2n ** 63n), -(2n ** 40n) - 1n],
  );
  t.deepEqual(
    server.points("loss").map(({ value }) => value),
    [0.5, Number.NaN, Number.NEGATIVE_INFINITY, -0, 1],
  );
  t.is(server.points("loss")[0]?.timestampMs, 1_700_000_000_000n);
  t.deepEqual(server.points("b/c"), [{ step: 7n, timestampMs: 5n, value: 2 }]);
  t.deepEqual(server.texts("params"), [
    { key: "lr", value: "0.1" },
    { key: "name", value: "é漢𝔘" },
    { key: "big", value: "12" },
    { key: "flag", value: "true" },
  ]);
  t.deepEqual(server.texts("tags"), [{ key: "k", value: "v" }]);
  t.like(server.batches[0], {
    run_id: run.runId,
    run_start: { run_name: "r", experiment_name: "e", trackers: ["t"] },
  });
  t.is(server.batches.at(-1)?.run_end?.status, "RUN_STATUS_FAILED");
  t.like(client.stats(), {
    sent: 12,
    acknowledged: 12,
    rejected: 0,
    dropped: 0,
    sentPoints: 7,
    bufferedBytes: 0,
  });
  await client.close();
  t.is(server.closes, 1);
  t.deepEqual(server.violations, []);
  server.stop();
});
