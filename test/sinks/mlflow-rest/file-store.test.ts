/** A real server that appends what it is sent twice: MLflow's file store. */
import ava from "ava";
import { LATE_MS } from "../../../src/model/limits.js";
import { SetClock } from "../../support/clock.js";
import { GateProxy } from "../../support/gate-proxy.js";
import { serverForAll } from "../../support/mlflow-server.js";
import { newRunId } from "../../support/producer.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../../support/python-environment.js";
import { serialTestWith } from "../../support/test-with.js";
import { type Point, pack, START, trainingPoints } from "../mlflow-sqlite/packs.js";
import { RealMlflow } from "../mlflow-sqlite/real-mlflow.js";
import { keptRunIds, only, restSink } from "./rest.js";

const test = serialTestWith(MLFLOW_3);
const DELIVERED = { kind: "delivered", refused: [] };
const UNREACHABLE = { kind: "retry", code: "STEPWELL_SERVER_UNREACHABLE" };
const server = serverForAll(ava, () => ({ store: "files" }));

/** Two that are one to whoever reads numbers as doubles, and what JSON has no number for. */
const ODD: readonly Point[] = [
  ["odd", 9_007_199_254_740_992n, 9_007_199_254_740_992n, 1],
  ["odd", 9_007_199_254_740_993n, 9_007_199_254_740_993n, 1],
  ["odd", -9_223_372_036_854_775_808n, 5n, Number.NaN],
  ["odd", 1n, 5n, Number.NEGATIVE_INFINITY],
  ["odd", 2n, 5n, -0],
];

for (const keeps of ["answer", "request"] as const) {
  const what = keeps === "answer" ? "whose answer is lost" : "that arrives after it was given up";
  test(`a batch ${what} is there once, also for a daemon that starts then`, async (t) => {
    t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
    const proxy = await GateProxy.start(t, server().url);
    const [runIds, runId] = [keptRunIds(), newRunId()];
    const start = { ...START, experimentName: `of ${runId}` };
    const clock = new SetClock();
    const sinks = [0, 1].map(() => restSink(t, proxy.url, { runIds, clock, answerMs: 8_000 }));
    const [before, after] = sinks;
    if (!before || !after) throw new RangeError("there are two");
    const points = [...ODD, ...trainingPoints(0, 70)];
    const first = pack(1, points.slice(0, 3), { runId, start });
    t.deepEqual(only(await before.send([first])), DELIVERED);

    const whole = pack(2, points, { runId, start });
    const caught = proxy.trap("runs/log-batch", keeps);
    t.like(
      only(await after.send([whole])),
      { kind: "retry", afterMs: 5_000 },
      "what was sent before is not known",
    );
    clock.move(LATE_MS);
    t.like(only(await after.send([whole])), UNREACHABLE);
    if (keeps === "request") t.like(only(await after.send([whole])), { kind: "retry", afterMs: 5_000 });
    caught.release();
    await caught.answered;
    t.deepEqual(only(await after.send([whole])), DELIVERED);

    const client = await RealMlflow.at(t, MLFLOW_3, server().url);
    const known = runIds.kept.get(runId);
    const { history } = await client.read(known?.kind === "known" ? known.mlflowRunId : "");
    const all = Object.values(history).flat();
    t.is(all.length, points.length);
    const sent = ODD.map(([, step, timestampMs]) => `${step} ${timestampMs}`);
    t.deepEqual(history["odd"]?.map(([step, timestampMs]) => `${step} ${timestampMs}`).sort(), sent.sort());
    t.deepEqual(new Set(Object.values(history).map(({ length }) => length)), new Set([ODD.length, 70]));
  });
}
