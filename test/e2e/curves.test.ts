import { rm } from "node:fs/promises";
import test, { type ExecutionContext } from "ava";
import { type DaemonClients, openClients } from "../../src/cli/daemon/client.js";
import {
  type Curve,
  CurveAxis,
  PointsSource,
  type ReadCurvesRequest,
  type ReadCurvesResponse,
  type WatchCurvesResponse,
} from "../../src/gen/stepwell/v1/curves.js";
import { type DaemonProcess, type ScratchHome, scratchHome } from "../support/home.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { until } from "../support/until.js";

const BATCH = 1_000;
/** More than a curve has buckets. */
const BATCHES = 5;

/** The run's only curve, once nothing more of it is being read. */
async function curveOf(
  clients: DaemonClients,
  runId: string,
  more: Partial<ReadCurvesRequest> = {},
): Promise<Curve> {
  const request = {
    ...{ runIds: [runId], keys: ["loss"], axis: CurveAxis.CURVE_AXIS_STEP, from: undefined, to: undefined },
    ...{ buckets: 10_000, known: [], ...more },
  };
  const read = () => clients.call(clients.curves.readCurves.bind(clients.curves), request);
  const isWhole = ({ curves, gaps }: ReadCurvesResponse) => curves.length === 1 && gaps.length === 0;
  const [curve] = (await until("the curve is whole", read, isWhole)).curves;
  if (!curve) throw new Error("there is no curve");
  return curve;
}

const pointsIn = (curve: Curve) => curve.points.reduce((sum, points) => sum + Number(points), 0);

async function restarted(
  t: ExecutionContext,
  home: ScratchHome,
  env: Readonly<Record<string, string>> = {},
): Promise<{ daemon: DaemonProcess; clients: DaemonClients }> {
  const daemon = await home.startDaemon({ env });
  const clients = openClients(daemon.endpoint.endpoint);
  t.teardown(() => clients.close());
  return { daemon, clients };
}

test("a run's curves are there within a moment, after a kill, and after they were lost; each point counts once", async (t) => {
  const home = await scratchHome(t);
  const runId = newRunId();
  const total = BATCH * BATCHES;

  const first = await restarted(t, home);
  const watched: WatchCurvesResponse[] = [];
  const watching = first.clients.curves.watchCurves({ runIds: [], patterns: ["lo*"] });
  watching.on("data", (told: WatchCurvesResponse) => watched.push(told));
  watching.on("error", () => undefined);
  const producer = new RawProducer(first.daemon.endpoint.endpoint);
  producer.hello();
  producer.batch(1, runId, { runStart: startOf() });
  for (let batch = 0; batch < BATCHES; batch++)
    producer.batch(batch + 2, runId, { metrics: moved(pointsOf("loss", BATCH), batch * BATCH) });
  producer.batch(BATCHES + 2, runId, { metrics: pointsOf("other", 1) });
  await producer.acknowledged(BATCHES + 2);
  const hasHeard = (told: readonly WatchCurvesResponse[]) =>
    told.some(({ keys }) => keys.some(({ points }) => points === BigInt(total)));
  await until("the watcher hears of all points", () => watched, hasHeard);
  t.true(watched.some(({ runs }) => runs.some((run) => run.runId === runId)));
  t.false(watched.some(({ keys }) => keys.some(({ key }) => key === "other")));
  const seen = await curveOf(first.clients, runId);
  t.is(pointsIn(seen), total);
  const { runId: seenRun, key, version } = seen;
  const again = await curveOf(first.clients, runId, { known: [{ runId: seenRun, key, version }] });
  t.is(again.fromBucket, seen.points.length);
  t.deepEqual(again.points, []);
  await first.daemon.end("SIGKILL");

  const second = await restarted(t, home);
  // What it did not hear the acknowledgement of comes once more.
  const resent = new RawProducer(second.daemon.endpoint.endpoint, producer.producerId);
  resent.hello({ epoch: 2n });
  resent.batch(BATCHES + 1, runId, { metrics: moved(pointsOf("loss", BATCH), total - BATCH) });
  resent.batch(BATCHES + 3, runId, { metrics: moved(pointsOf("loss", 1), total) });
  await resent.acknowledged(BATCHES + 3);
  const afterKill = await curveOf(second.clients, runId);
  t.is(pointsIn(afterKill), total + 1);
  t.is(afterKill.xLast.at(-1), BigInt(total));
  await home.here(["flush"]);
  await second.daemon.end("SIGTERM");
  await rm(home.paths.curvesFolder, { recursive: true });

  // The journal keeps nothing of what is delivered: the store has it all.
  const third = await restarted(t, home, { STEPWELL_REPLAY_WINDOW_SECONDS: "0" });
  const fromStore = await curveOf(third.clients, runId);
  t.is(pointsIn(fromStore), total + 1);
  t.false(fromStore.isExact);
  const asked = { runId, key: "loss", axis: CurveAxis.CURVE_AXIS_STEP, from: 2_000n, to: 2_009n, limit: 5 };
  const points = await third.clients.call(third.clients.curves.readPoints.bind(third.clients.curves), asked);
  t.is(points.source, PointsSource.POINTS_SOURCE_LOCAL_STORE);
  t.deepEqual(points.steps, [2_000n, 2_001n, 2_002n, 2_003n, 2_004n]);
  t.deepEqual(points.values, [0, 1, 2, 3, 4]);
  t.true(points.isCut);
});

/** Points at later steps and times. */
function moved(columns: ReturnType<typeof pointsOf>, by: number): ReturnType<typeof pointsOf> {
  return columns.map((column) => ({
    ...column,
    steps: column.steps.map((step) => step + BigInt(by)),
    timestampsMs: column.timestampsMs.map((time) => time + BigInt(by)),
  }));
}
