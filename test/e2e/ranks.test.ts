/** Ranks of a distributed job through the door and the leases: rank 0 decides, the others end for themselves. */
import anyTest, { type ExecutionContext } from "ava";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { scratchHome } from "../support/home.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { identityOf, idleProcess } from "../support/steps-client.js";
import { until } from "../support/until.js";

const test = anyTest.serial;

interface Shown {
  readonly status: string;
  readonly tags: Readonly<Record<string, string>>;
}

async function setUp(t: ExecutionContext) {
  const home = await scratchHome(t);
  const endpoint = await home.startDaemonOrFind();
  const shared = newRunId();
  const join = async (rank: number, says = "RUNNING", runId = shared) => {
    const child = idleProcess(t);
    const producer = new RawProducer(endpoint);
    producer.hello({ process: identityOf(child.pid) });
    const tags = [{ key: `stepwell.rank.${rank}`, value: says }];
    const metrics = pointsOf(`rank-${rank}`, 1);
    producer.batch(1, runId, { runStart: startOf(), metrics, tags });
    await producer.acknowledged(1);
    const say = async (sequence: number, entries: Parameters<RawProducer["batch"]>[2]) => {
      producer.batch(sequence, runId, entries);
      await producer.acknowledged(sequence);
    };
    const kill = () => {
      child.kill("SIGKILL");
      producer.cut();
    };
    t.teardown(() => producer.cut());
    return { say, kill, pid: child.pid };
  };
  const shown = (runId = shared): Promise<Shown> => home.json(["runs", "show", runId]) as Promise<Shown>;
  const untilShown = (what: string, isSo: (run: Shown) => boolean, runId = shared) =>
    until(what, () => shown(runId), isSo);
  return { home, join, shown, untilShown };
}

const rankIs = (rank: number, value: string) => ({ tags: [{ key: `stepwell.rank.${rank}`, value }] });
const END = { ...rankIs(0, "FINISHED"), runEnd: { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 9n } };

test("rank 0 decides the status; a rank that is killed says so in its tag, one that ended keeps its own word", async (t) => {
  const { join, shown, untilShown } = await setUp(t);
  // The others may come first.
  const two = await join(2);
  const zero = await join(0);
  const one = await join(1);
  two.kill();
  await untilShown("rank 2 is gone", ({ tags }) => tags["stepwell.rank.2"] === "KILLED");
  t.is((await shown()).status, "RUNNING");
  const again = await join(2);
  await untilShown("rank 2 is back", ({ tags }) => tags["stepwell.rank.2"] === "RUNNING");
  await again.say(2, rankIs(2, "FAILED"));
  again.kill();
  await zero.say(2, END);
  zero.kill();
  one.kill();
  const { status, tags } = await untilShown(
    "rank 1 is gone",
    (run) => run.tags["stepwell.rank.1"] === "KILLED",
  );
  t.is(status, "FINISHED");
  t.is(tags["stepwell.rank.2"], "FAILED");
  t.is(tags["stepwell.end_reason"], undefined);
});

test("a run whose rank 0 is killed is KILLED at once, whoever goes on; rank 0 that comes again takes that back", async (t) => {
  const { home, join, untilShown } = await setUp(t);
  const [zero, one] = [await join(0), await join(1)];
  zero.kill();
  const killed = await untilShown("the run is KILLED", ({ status }) => status === "KILLED");
  t.regex(killed.tags["stepwell.end_reason"] ?? "", new RegExp(`process ${zero.pid} is gone`));
  t.is(killed.tags["stepwell.rank.0"], "KILLED");
  t.is(killed.tags["stepwell.rank.1"], "RUNNING");
  // The next daemon knows whom to watch.
  await home.here(["daemon", "restart"]);
  one.kill();
  await untilShown("rank 1 is gone", ({ tags }) => tags["stepwell.rank.1"] === "KILLED");
  const back = await join(0);
  const { status, tags } = await untilShown("the run goes on", (run) => run.status === "RUNNING");
  t.is(status, "RUNNING");
  t.is(tags["stepwell.end_reason"], undefined);
  await back.say(2, END);
  await untilShown("the run is over", (run) => run.status === "FINISHED");
});

test("a run whose rank 0 never came ends with the last rank that is lost, unless rank 0 is on another machine", async (t) => {
  const here = await setUp(t);
  const there = await setUp(t);
  const ranks = [await here.join(1), await here.join(2), await there.join(8, "RUNNING on node-1")];
  for (const rank of ranks) rank.kill();
  const ended = await here.untilShown("the run is KILLED", ({ status }) => status === "KILLED");
  t.regex(ended.tags["stepwell.end_reason"] ?? "", /^Rank 0 never began the run\./);
  await there.untilShown("rank 8 is gone", ({ tags }) => tags["stepwell.rank.8"] === "KILLED");
  // What would end it has had its turn once a run that is killed later has ended.
  const later = newRunId();
  (await there.join(0, "RUNNING", later)).kill();
  await there.untilShown("the later run is KILLED", ({ status }) => status === "KILLED", later);
  t.is((await there.shown()).status, "RUNNING");
});
