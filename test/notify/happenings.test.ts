/** What is told, when, and how often; the daemon's parts stand in. */
import test from "ava";
import type { LaneOverview } from "../../src/flush/lane-reports.js";
import { NOTIFY_EVENTS, type NotifyEvent } from "../../src/home/notify-command.js";
import { Happenings } from "../../src/notify/happenings.js";
import { newRun, type Run } from "../../src/runs/run.js";
import { SetClock } from "../support/clock.js";

const ID = "1".repeat(32);

function setUp(wanted: readonly string[] = NOTIFY_EVENTS) {
  const clock = new SetClock();
  const state = {
    told: [] as NotifyEvent[],
    lanes: [] as unknown[],
    letters: 3,
    bytes: 0,
    isLost: false,
    freeKb: 50_000_000,
  };
  const happenings = new Happenings({
    wanted: new Set(wanted),
    add: (event) => state.told.push(event),
    clock,
    overview: () => ({ lanes: state.lanes }) as unknown as LaneOverview,
    deadLetters: () => state.letters,
    journalBytes: () => state.bytes,
    journalQuotaBytes: 1_000,
    home: "/home",
    volume: async () => ({ bsize: 1_000, blocks: 100_000_000, bavail: state.freeKb }),
    isLost: () => state.isLost,
  });
  const look = async () => {
    state.told = [];
    await happenings.look();
    return state.told.map(({ event }) => event);
  };
  return { state, clock, happenings, look };
}

function ended(status: NonNullable<Run["status"]>): Run {
  const start = {
    experimentName: "e",
    runName: "r",
    startTimeMs: 1_000,
    user: "",
    sourceName: "",
    parentRunId: "",
  };
  return { ...newRun(ID, 1, 1_000), start, status, endTimeMs: 61_000 };
}

test("runs that end, fail and are lost are told apart", (t) => {
  const { state, happenings } = setUp();
  happenings.runEnded(ended("FINISHED"));
  happenings.runEnded(ended("FAILED"));
  happenings.runEnded(ended("KILLED"));
  state.isLost = true;
  happenings.runEnded(ended("KILLED"));
  t.deepEqual(
    state.told.map(({ event }) => event),
    ["run_ended", "run_failed", "run_failed", "run_lost"],
  );
  t.like(state.told[3], { text: "The run r was lost: its process is gone.", run_id: ID, seconds: 60 });
});

test("only the events that somebody asked for are told", (t) => {
  const { state, happenings } = setUp(["run_lost"]);
  happenings.runEnded(ended("FINISHED"));
  t.deepEqual(state.told, []);
});

test("a tracker that keeps entries waiting is told once, until it is over", async (t) => {
  const { state, clock, look } = setUp();
  const lane = {
    tracker: "t",
    runId: ID,
    state: "held",
    oldestMs: clock.nowMs(),
    queuedPoints: 5,
    errorCode: "C",
  };
  state.lanes = [lane, { ...lane, runId: "2" }, { ...lane, tracker: "busy", state: "flushing" }];
  clock.move(9 * 60_000);
  t.deepEqual(await look(), []);
  clock.move(60_000);
  t.deepEqual(await look(), ["held"]);
  t.like(state.told[0], { tracker: "t", minutes: 10, code: "C" });
  clock.move(600_000);
  t.deepEqual(await look(), []);
  state.lanes = [];
  await look();
  state.lanes = [lane];
  t.deepEqual(await look(), ["held"]);
});

test("dead letters are told as they come, and a quota that is near once", async (t) => {
  const { state, look } = setUp();
  t.deepEqual(await look(), []);
  state.letters = 5;
  t.deepEqual(await look(), ["dead_letters"]);
  t.like(state.told[0], { entries: 2, dead_letters: 5 });
  for (const [bytes, events] of [
    [790, []],
    [800, ["quota_near"]],
    [750, []],
    [820, []],
    [600, []],
    [900, ["quota_near"]],
  ] as const) {
    state.bytes = bytes;
    t.deepEqual(await look(), [...events], `${bytes}`);
  }
});

test("a volume that is nearly full is told once, until there is room", async (t) => {
  const { state, look } = setUp();
  for (const [freeKb, events] of [
    [1_100_000, []],
    [1_000_000, ["disk_nearly_full"]],
    [900_000, []],
    [1_500_000, []],
    [900_000, []],
    [3_000_000, []],
    [900_000, ["disk_nearly_full"]],
  ] as const) {
    state.freeKb = freeKb;
    t.deepEqual(await look(), [...events], `${freeKb}`);
  }
});
