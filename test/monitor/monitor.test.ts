/** Which runs get metrics of the system, when, and by which names; the machine, its processes and the journal stand in. */
import test from "ava";
import type { Batch } from "../../src/gen/stepwell/v1/ingest.js";
import type { MachineReading } from "../../src/monitor/machine-reading.js";
import { Monitor } from "../../src/monitor/monitor.js";
import type { TreeUsage } from "../../src/monitor/process-table.js";
import type { Lease } from "../../src/runs/lease-book.js";
import { newRun, type Run } from "../../src/runs/run.js";
import { SampledRuns } from "../../src/runs/sampled-runs.js";
import { SetClock } from "../support/clock.js";

const [ONE, TWO] = ["1".repeat(32), "2".repeat(32)];
const HERE = { bootId: "boot", pidNamespace: "7", pid: 42, startTicks: "100" };
const BEGIN_MS = 1_000_000;

function begun(runId: string, more: Partial<Run> = {}): Run {
  const start = { experimentName: "e", runName: "r", startTimeMs: BEGIN_MS, user: "", sourceName: "" };
  const targets = [{ trackerId: "tracker" }] as unknown as NonNullable<Run["targets"]>;
  return {
    ...newRun(runId, 1, BEGIN_MS),
    start: { ...start, parentRunId: "" },
    targets,
    status: "RUNNING",
    ...more,
  };
}

const held = (runId: string, more: Partial<Lease> = {}): Lease => ({
  ...{ runId, holders: [HERE], state: "held", reason: "", changedMs: 0 },
  ...more,
});

function setUp() {
  const clock = new SetClock();
  const state = {
    leases: [] as Lease[],
    runs: new Map<string, Run>(),
    /** The tracker's own setting. */
    configuration: {} as Record<string, string>,
    startTicks: "100",
    busy: 0,
    entered: [] as (Partial<Batch> & { runId: string })[],
    refusal: undefined as Error | undefined,
    looks: 0,
    rests: 0,
    warned: 0,
  };
  const sampled = new SampledRuns();
  const put = (run: Run) => {
    state.runs.set(run.runId, run);
    sampled.keep(run);
  };
  const machine = (): MachineReading => ({
    cpu: { busy: state.busy, total: clock.monotonicMs() },
    memory: { usedBytes: 250e6, totalBytes: 1_000e6 },
    disk: { usedBytes: 3e9, freeBytes: 1e9 },
    network: { received: 5e6 + state.busy * 1_000, sent: 7e6 },
  });
  const usage = (pids: readonly number[]): TreeUsage => ({
    ...{ processes: pids.length, threads: 4, cpuSeconds: state.busy / 1_000, residentBytes: 100e6 },
    memoryLimitBytes: undefined,
    io: { read: 0, written: state.busy * 1_000 },
  });
  const monitor = new Monitor({
    runs: { find: (runId) => state.runs.get(runId), sampled },
    leases: { all: () => state.leases },
    pipelines: { live: () => [] },
    stacks: {
      components: () => [{ id: "tracker", name: "tracker", configuration: state.configuration }] as never,
    },
    door: {
      enter: async (entries) => {
        if (state.refusal) throw state.refusal;
        state.entered.push(entries);
      },
    },
    machine: {
      ...{ bootId: "boot", pidNamespace: "7" },
      processAt: () => ({ startTicks: state.startTicks, isZombie: false }),
    },
    clock,
    log: () => {
      state.warned += 1;
    },
    gpus: { read: async () => [], rest: () => (state.rests += 1) },
    readMachine: async () => {
      state.looks += 1;
      return machine();
    },
    readProcesses: async () => ({ usageOf: async (pids) => usage(pids) }),
    host: "node 1/rack",
  });
  /** A second at a time, half of it busy. */
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      clock.move(1_000);
      state.busy += 500;
      await monitor.look();
    }
  };
  return { state, clock, sampled, put, monitor, pass };
}

/** What was logged of a key, as step and value. */
function pointsOf(entered: readonly Partial<Batch>[], key: string): [number, number][] {
  return entered.flatMap(({ metrics = [] }) =>
    metrics
      .filter((column) => column.key === key)
      .flatMap(({ steps, values }) =>
        steps.map((step, at): [number, number] => [Number(step), values[at] ?? 0]),
      ),
  );
}

test("nothing is read and nothing logged where no run asks", async (t) => {
  const { state, put, pass } = setUp();
  put(begun(ONE));
  state.leases = [held(ONE)];
  await pass(30);
  t.deepEqual([state.looks, state.entered], [0, []]);
});

test("a run that asks is logged to at each tick, by MLflow's names, with what its processes take", async (t) => {
  const { state, put, pass } = setUp();
  put(begun(ONE, { systemWish: { everyMs: 5_000, node: "" } }));
  state.leases = [held(ONE)];
  await pass(20);
  t.deepEqual(
    pointsOf(state.entered, "system/cpu_utilization_percentage").map(([, value]) => value),
    [50, 50, 50, 50],
  );
  t.deepEqual(pointsOf(state.entered, "system/process/cpu_utilization_percentage").at(-1), [4, 50]);
  t.deepEqual(pointsOf(state.entered, "system/system_memory_usage_percentage").at(-1), [4, 25]);
  t.deepEqual(pointsOf(state.entered, "system/disk_usage_percentage").at(-1), [4, 75]);
  t.deepEqual(pointsOf(state.entered, "system/process/disk_write_megabytes").at(-1)?.[1], 9.5);
  // The steps count intervals from the run's begin.
  t.deepEqual(
    pointsOf(state.entered, "system/process/processes").map(([step]) => step),
    [1, 2, 3, 4],
  );
});

test("runs of one machine share a look, each at its interval", async (t) => {
  const { state, put, pass } = setUp();
  put(begun(ONE, { systemWish: { everyMs: 10_000, node: "" } }));
  put(begun(TWO, { systemWish: { everyMs: 10_000, node: "" } }));
  state.leases = [held(ONE), held(TWO)];
  await pass(30);
  t.is(state.looks, 4);
  for (const runId of [ONE, TWO]) t.is(state.entered.filter((each) => each.runId === runId).length, 3);
});

test("the tracker's setting counts for runs that say nothing, and none for one that says off", async (t) => {
  const { state, put, pass } = setUp();
  state.configuration = { system_metrics: "2" };
  put(begun(ONE));
  put(begun(TWO, { systemWish: { everyMs: 0, node: "" } }));
  state.leases = [held(ONE), held(TWO)];
  await pass(6);
  t.deepEqual([...new Set(state.entered.map(({ runId }) => runId))], [ONE]);
});

test("a run's end, a lost lease and a process that is gone end them", async (t) => {
  for (const end of ["run", "lease", "process"] as const) {
    const { state, put, pass } = setUp();
    put(begun(ONE, { systemWish: { everyMs: 1_000, node: "" } }));
    state.leases = [held(ONE)];
    await pass(3);
    const before = state.entered.length;
    t.true(before > 0);
    if (end === "run") put(begun(ONE, { systemWish: { everyMs: 1_000, node: "" }, status: "FINISHED" }));
    else if (end === "lease") state.leases = [held(ONE, { state: "ended" })];
    else state.startTicks = "101";
    await pass(3);
    t.is(state.entered.length, before, end);
    t.true(state.rests > 0, end);
  }
});

test("a program that logs what the machine does itself does not get it twice", async (t) => {
  const { state, put, pass, sampled } = setUp();
  put(begun(ONE, { systemWish: { everyMs: 1_000, node: "" } }));
  state.leases = [held(ONE)];
  await pass(3);
  sampled.saw(ONE, [{ key: "loss" }]);
  await pass(1);
  t.is(pointsOf(state.entered, "system/cpu_utilization_percentage").length, 3);
  sampled.saw(ONE, [{ key: "system/cpu_utilization_percentage" }]);
  await pass(2);
  t.is(pointsOf(state.entered, "system/cpu_utilization_percentage").length, 3);
  t.is(pointsOf(state.entered, "system/process/threads").length, 5);
});

test("ranks and nodes of one run are told apart", async (t) => {
  const { state, put, pass } = setUp();
  const rank = (number: number, isWithFirst: boolean) => ({ rank: number, process: HERE, isWithFirst });
  put(begun(ONE, { systemWish: { everyMs: 1_000, node: "" } }));
  put(begun(TWO, { systemWish: { everyMs: 1_000, node: "" } }));
  state.leases = [
    held(ONE, { ranks: [rank(0, true), rank(1, true)] }),
    // Rank 0 is on another machine.
    held(TWO, { holders: [], ranks: [rank(8, false)] }),
  ];
  await pass(2);
  const keysOf = (runId: string) =>
    state.entered
      .filter((each) => each.runId === runId)
      .flatMap(({ metrics = [] }) => metrics.map(({ key }) => key))
      .filter((key) => /threads|cpu/.test(key))
      .sort();
  t.deepEqual(keysOf(ONE), [
    "system/cpu_utilization_percentage",
    "system/process/cpu_utilization_percentage",
    "system/process/threads",
    "system/rank_1/process/cpu_utilization_percentage",
    "system/rank_1/process/threads",
  ]);
  t.deepEqual(keysOf(TWO), [
    "system/node 1_rack/cpu_utilization_percentage",
    "system/node 1_rack/rank_8/process/cpu_utilization_percentage",
    "system/node 1_rack/rank_8/process/threads",
  ]);
});

test("a process behind another pid namespace gets what the machine does, one of another machine nothing", async (t) => {
  const { state, put, pass } = setUp();
  put(begun(ONE, { systemWish: { everyMs: 1_000, node: "n" } }));
  put(begun(TWO, { systemWish: { everyMs: 1_000, node: "" } }));
  state.leases = [
    held(ONE, { holders: [{ ...HERE, pidNamespace: "8" }] }),
    held(TWO, { holders: [{ ...HERE, bootId: "another" }] }),
  ];
  await pass(2);
  t.deepEqual([...new Set(state.entered.map(({ runId }) => runId))], [ONE]);
  const keys = state.entered.flatMap(({ metrics = [] }) => metrics.map(({ key }) => key));
  t.true(keys.includes("system/n/cpu_utilization_percentage"));
  t.false(keys.some((key) => key.includes("process/")));
});

test("while the journal is full, and while a run is open, points wait, so many of them, and come later as they were", async (t) => {
  const { state, put, pass, monitor } = setUp();
  put(begun(ONE, { systemWish: { everyMs: 1_000, node: "" } }));
  state.leases = [held(ONE)];
  state.refusal = new Error("full");
  await pass(4);
  t.deepEqual([state.entered.length, state.warned], [0, 1]);
  state.refusal = undefined;
  await pass(1);
  t.deepEqual(
    pointsOf(state.entered, "system/process/threads").map(([step]) => step),
    [2, 3, 4, 5],
  );
  put(begun(ONE, { systemWish: { everyMs: 1_000, node: "" }, isOpen: true }));
  await pass(200);
  t.is(state.entered.length, 1);
  put(begun(ONE, { systemWish: { everyMs: 1_000, node: "" }, status: "FINISHED" }));
  await monitor.settle();
  const later = pointsOf(state.entered.slice(1), "system/process/threads").map(([step]) => step);
  t.deepEqual([later.length, later[0], later.at(-1)], [150, 56, 205]);
});
