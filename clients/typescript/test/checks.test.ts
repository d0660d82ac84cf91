import test, { type ExecutionContext } from "ava";
import { StepwellClient, StepwellClientError } from "../src/index.js";
import { RecordingServer } from "./support/recording-server.js";

const OFFLINE = { endpoint: "unix:/nowhere/stepwell.sock" };

function throwsCode(t: ExecutionContext, code: string, call: () => unknown): void {
  const error = t.throws(call, { instanceOf: StepwellClientError }, code);
  t.is(error?.code, code);
  t.not(error?.remedy, "");
}

test("a bad entry throws its stable code at the call", async (t) => {
  const client = new StepwellClient(OFFLINE);
  const run = client.startRun();
  const wrong = (value: unknown) => value as never;
  for (const key of ["", "a*b", "/a", "../a", "a//b", "a/", "x\n", "a".repeat(251), wrong(3)]) {
    throwsCode(t, "STEPWELL_KEY_INVALID", () => run.logMetric(key, 1));
    throwsCode(t, "STEPWELL_KEY_INVALID", () => run.logParam(key, 1));
    throwsCode(t, "STEPWELL_KEY_INVALID", () => run.setTag(key, 1));
  }
  throwsCode(t, "STEPWELL_TEXT_MALFORMED", () => run.logMetric("a\ud800", 1));
  throwsCode(t, "STEPWELL_TEXT_MALFORMED", () => run.logParam("a", "\udc00"));
  throwsCode(t, "STEPWELL_TEXT_MALFORMED", () => client.startRun({ runName: "\ud800" }));
  for (const step of [2n ** 63n, -(2n ** 63n) - 1n, 2 ** 63, 1.5, Number.NaN, wrong("1")]) {
    throwsCode(t, "STEPWELL_STEP_INVALID", () => run.logMetric("a", 1, { step }));
    throwsCode(t, "STEPWELL_STEP_INVALID", () => run.logMetrics({ a: 1 }, { step }));
    throwsCode(t, "STEPWELL_STEP_INVALID", () => run.logSeries("a", [0, step], [1, 2]));
  }
  for (const timestampMs of [-1, -1n, 1.5, Number.NaN, 2n ** 63n]) {
    throwsCode(t, "STEPWELL_TIMESTAMP_INVALID", () => run.logMetric("a", 1, { timestampMs }));
    throwsCode(t, "STEPWELL_TIMESTAMP_INVALID", () => run.logSeries("a", [0], [1], [timestampMs]));
  }
  throwsCode(t, "STEPWELL_TIMESTAMP_INVALID", () =>
    run.logSeries("a", [0, 1], [1, 2], new BigInt64Array([1n, -1n])),
  );
  for (const value of ["1", null, undefined, 1n, true]) {
    throwsCode(t, "STEPWELL_VALUE_INVALID", () => run.logMetric("a", wrong(value)));
    throwsCode(t, "STEPWELL_VALUE_INVALID", () => run.logSeries("a", [0], [wrong(value)]));
  }
  throwsCode(t, "STEPWELL_VALUE_INVALID", () => run.logSeries("a", [0], wrong(new BigInt64Array(1))));
  throwsCode(t, "STEPWELL_VALUE_INVALID", () => run.logParam("a", wrong({})));
  throwsCode(t, "STEPWELL_COLUMN_UNEVEN", () => run.logSeries("a", [0, 1], [1]));
  throwsCode(t, "STEPWELL_COLUMN_UNEVEN", () => run.logSeries("a", [0], [1], [1, 2]));
  for (const modelId of ["", "models:/digits/1", "m".repeat(37), wrong(1)]) {
    throwsCode(t, "STEPWELL_MODEL_ID_INVALID", () => run.logMetric("a", 1, { modelId }));
    throwsCode(t, "STEPWELL_MODEL_ID_INVALID", () => run.logMetrics({ a: 1 }, { modelId }));
    throwsCode(t, "STEPWELL_MODEL_ID_INVALID", () => run.logSeries("a", [0], [1], undefined, modelId));
  }
  throwsCode(t, "STEPWELL_VALUE_TOO_LONG", () => run.logParam("a", "𝔘".repeat(6_001)));
  throwsCode(t, "STEPWELL_VALUE_TOO_LONG", () => run.setTag("a", "x".repeat(8_001)));
  throwsCode(t, "STEPWELL_STATUS_INVALID", () => run.end(wrong("DONE")));
  throwsCode(t, "STEPWELL_RUN_ID_INVALID", () => client.startRun({ runId: "A".repeat(32) }));
  throwsCode(t, "STEPWELL_EXPERIMENT_INVALID", () => client.startRun({ experimentName: "" }));
  throwsCode(t, "STEPWELL_EXPERIMENT_INVALID", () => client.startRun({ experimentName: "x".repeat(501) }));
  throwsCode(t, "STEPWELL_SETTING_INVALID", () => new StepwellClient({ bufferBytesMax: 0 }));
  run.end();
  throwsCode(t, "STEPWELL_RUN_ENDED", () => run.logMetric("a", 1));
  await t.throwsAsync(client.close({ timeoutMs: 0 }), { instanceOf: StepwellClientError });
  throwsCode(t, "STEPWELL_CLIENT_CLOSED", () => client.startRun());
});

test("a call with one bad entry logs none of its entries, and the run goes on", async (t) => {
  const server = await RecordingServer.start();
  const client = new StepwellClient({ endpoint: server.endpoint });
  const run = client.startRun();
  t.throws(() => run.logMetrics({ ok: 1, "bad*": 2 }));
  t.throws(() => run.logSeries("ok", [1, 2, 2.5], [1, 2, 3]));
  t.throws(() => run.logParams({ ok: 1, "bad*": 2 }));
  t.throws(() => run.setTags({ ok: 1, bad: "\ud800" }));
  run.logMetric("ok", 4);
  await client.flush();
  t.deepEqual(
    server.points("ok").map(({ value }) => value),
    [4],
  );
  t.deepEqual([server.texts("params"), server.texts("tags")], [[], []]);
  await client.close();
  server.stop();
});

test("what MLflow takes passes: 250 code points, any script, 6,000 and 8,000 characters", async (t) => {
  const server = await RecordingServer.start();
  const client = new StepwellClient({ endpoint: server.endpoint });
  const run = client.startRun();
  const keys = ["𝔘".repeat(250), "é漢字", "a b.c-d_e:f/g"];
  for (const key of keys) run.logMetric(key, 1);
  run.logParam("p", "𝔘".repeat(6_000));
  run.setTag("t", "𝔘".repeat(8_000));
  await client.flush();
  for (const key of keys) t.is(server.points(key).length, 1);
  t.is(server.texts("params")[0]?.value, "𝔘".repeat(6_000));
  t.is(server.texts("tags")[0]?.value, "𝔘".repeat(8_000));
  await client.close();
  server.stop();
});

test("a param that this run has with another value is refused, and with the same value sent once", async (t) => {
  const server = await RecordingServer.start();
  const client = new StepwellClient({ endpoint: server.endpoint });
  const run = client.startRun();
  run.logParam("lr", 0.1);
  run.logParam("lr", "0.1");
  throwsCode(t, "STEPWELL_PARAM_CHANGED", () => run.logParam("lr", 0.2));
  throwsCode(t, "STEPWELL_PARAM_CHANGED", () => run.logParams({ new: 1, lr: 0.2 }));
  await client.flush();
  t.deepEqual(server.texts("params"), [{ key: "lr", value: "0.1" }]);
  await client.close();
  server.stop();
});
