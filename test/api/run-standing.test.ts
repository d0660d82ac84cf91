import test from "ava";
import { sayStanding } from "../../src/api/run-standing.js";
import type { LaneReport } from "../../src/flush/lane-reports.js";
import { plainPage } from "../support/pages.js";

const lane: LaneReport = {
  ...{ runId: "a".repeat(32), tracker: "default", state: "waiting", lastError: "", errorCode: undefined },
  ...{ queuedPoints: 0, queuedBytes: 1, deliveredPoints: 0, oldestMs: 1 },
};

/** What is said of a run of so many points, with one lane or with none; refused: "unknown" where nobody counted. */
function said(points: number, one: Partial<LaneReport> | undefined, refused: number | "unknown" = 0): string {
  const delivery = {
    tracker: "default",
    mlflowRunId: lane.runId,
    experimentTrackerUrl: "",
    mlflowExperimentId: "",
  };
  const deliveries = [{ ...delivery, deliveredPoints: 0n, queuedPoints: 0n }];
  const run = { runId: lane.runId, journaledPoints: BigInt(points), deliveries };
  return sayStanding(run, one ? [{ ...lane, ...one }] : [], refused === "unknown" ? undefined : refused);
}

test("points that are there are told, also while others or the run's end are on their way", (t) => {
  t.is(said(8, { queuedPoints: 8 }), "8 points are on disk, on the way to default.");
  t.is(
    said(8, { queuedPoints: 3, deliveredPoints: 5 }),
    "5 of 8 points are delivered to default; the others are on disk, on the way.",
  );
  t.is(
    said(2, { queuedPoints: 1, deliveredPoints: 1 }),
    "1 of 2 points is delivered to default; the other one is on disk, on the way.",
  );
  t.is(
    said(8, { deliveredPoints: 8 }),
    "8 points are delivered to default; what else was logged is on disk, on the way.",
  );
  t.is(said(8, undefined), "8 points are delivered to default.");
  t.is(said(0, {}), "What was logged last is on disk, on the way to default.");
});

test("what a tracker in trouble has is told before what waits for it", (t) => {
  const lastError = "It is locked.";
  t.is(said(8, { queuedPoints: 8, lastError }), "8 points wait on disk for default: It is locked.");
  t.is(
    said(8, { queuedPoints: 1, deliveredPoints: 7, lastError }),
    "7 of 8 points are delivered to default; the other one waits on disk: It is locked.",
  );
  t.is(
    said(1, { deliveredPoints: 1, lastError }),
    "1 point is delivered to default; what else was logged waits on disk: It is locked.",
  );
});

test("where entries were refused no number of delivered points is told", (t) => {
  const letters = `stepwell dead-letter list --run ${lane.runId}.`;
  t.is(
    said(8, { queuedPoints: 3, deliveredPoints: 5 }, 2),
    `3 points are on disk, on the way to default. 2 refused entries: ${letters}`,
  );
  t.is(
    said(8, { deliveredPoints: 8 }, "unknown"),
    `What was logged last is on disk, on the way to default. Refused entries: ${letters}`,
  );
});

test("a terminal's page is the same however much is delivered when it is read", (t) => {
  const lanes = Array.from({ length: 9 }, (_, there) => ({
    queuedPoints: 8 - there,
    deliveredPoints: there,
  }));
  const pages = [...lanes, undefined].map((one) => plainPage(`run a FINISHED. ${said(8, one)}\n`, {}));
  t.deepEqual([...new Set(pages)], ["run a FINISHED. 8 points are on disk for, or at, default.\n"]);
  const single = [{ queuedPoints: 1 }, { deliveredPoints: 1 }, undefined].map((one) =>
    plainPage(said(1, one), {}),
  );
  t.deepEqual([...new Set(single)], ["1 point is on disk for, or at, default."]);
});
