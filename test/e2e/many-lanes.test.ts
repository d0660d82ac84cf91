/** Hundreds of runs whose server is away, and one run with trouble of its own: what the server is asked, and who waits. */
import { setTimeout as sleep } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { STATUS_LANES_MAX } from "../../src/model/limits.js";
import type { ScratchHome } from "../support/home.js";
import { homeAtServer } from "../support/home-at-server.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { ScriptedMlflow } from "../support/scripted-mlflow.js";
import { until } from "../support/until.js";

const RUNS = 500;
const FINISHED = { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 9_000n };

interface StatusJson {
  readonly queued_points: number;
  readonly lane_count: number;
  readonly troubled_lane_count: number;
  readonly lanes: readonly { readonly run_id: string; readonly state: string; readonly last_error: string }[];
}

const statusOf = async (home: ScratchHome, ...more: string[]) =>
  (await home.json(["status", ...more])) as StatusJson;

/** Short runs of a producer, from a sequence on, all of them acknowledged. */
async function shortRuns(producer: RawProducer, first: number, count: number): Promise<string[]> {
  const runIds = Array.from({ length: count }, newRunId);
  for (const [index, runId] of runIds.entries()) {
    const params = [{ key: "lr", value: `${index}` }];
    producer.batch(first + index, runId, {
      runStart: startOf(),
      params,
      metrics: pointsOf("loss", 1),
      runEnd: FINISHED,
    });
  }
  await producer.acknowledged(first + count - 1);
  return runIds;
}

async function setUp(t: ExecutionContext) {
  const server = await ScriptedMlflow.start(t);
  return { server, ...(await homeAtServer(t, server.url)) };
}

test("a server that is away is asked for one of five hundred runs at a time; back, it gets each of them once", async (t) => {
  t.timeout(600_000);
  const { server, home, daemon } = await setUp(t);
  let isAway = true;
  server.rule(() => (isAway ? { status: 429, body: "come later" } : undefined));
  const producer = new RawProducer(daemon.endpoint.endpoint);
  producer.hello();
  const runIds = await shortRuns(producer, 1, RUNS);
  await until(
    "all lanes tell that they wait",
    () => statusOf(home),
    (status) => status.troubled_lane_count === RUNS,
    { everyMs: 500 },
  );
  const before = server.seen.length;
  await sleep(5_000);
  const asked = server.seen.length - before;
  // A wait that is drawn may be short; for each lane alone it would be five hundred at least.
  t.true(asked < 60, `${asked} requests in five seconds`);
  t.true(server.seen.length < 200, `${server.seen.length} requests in all`);
  const status = await statusOf(home);
  t.like(status, { queued_points: RUNS, lane_count: RUNS });
  t.is(status.lanes.length, STATUS_LANES_MAX);
  t.regex(status.lanes[0]?.last_error ?? "", /^STEPWELL_SERVER_BUSY: /);
  t.is(new Set((await statusOf(home, "--all")).lanes.map((lane) => lane.run_id)).size, RUNS);
  const shown = await home.here(["status"]);
  t.regex(shown.stderr, /^450 more lanes hold entries; stepwell status --all shows every lane\.\n$/);
  isAway = false;
  const flushed = await home.here(["flush", "--timeout=500"]);
  t.is(flushed.code, 0, flushed.stderr);
  for (const runId of runIds) t.like(server.store.run(runId), { status: "FINISHED", points: { length: 1 } });
  t.is(server.store.runs.length, RUNS);
});

test("a run that its server does not take waits alone", async (t) => {
  t.timeout(600_000);
  const { server, home, daemon } = await setUp(t);
  server.rule(({ path, body }) => {
    const isPoor = path.endsWith("/log-batch") && body.includes('"value":"poor"');
    return isPoor ? { status: 503, body: "no" } : undefined;
  });
  const producer = new RawProducer(daemon.endpoint.endpoint);
  producer.hello();
  const poor = newRunId();
  producer.batch(1, poor, { runStart: startOf(), params: [{ key: "lr", value: "poor" }] });
  await producer.acknowledged(1);
  await until(
    "the poor run waits",
    () => statusOf(home),
    ({ lanes }) => lanes.some(({ run_id, state }) => run_id === poor && state === "retrying"),
  );
  const others = await shortRuns(producer, 2, 100);
  await until(
    "all others are there",
    () => statusOf(home),
    ({ lane_count }) => lane_count === 1,
  );
  for (const runId of others) t.is(server.store.run(runId).status, "FINISHED");
  t.like((await statusOf(home)).lanes, [{ run_id: poor, state: "retrying" }]);
});
