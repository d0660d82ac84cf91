/**
 * A client process of a branch (branches.ts): logs to the runs that it shares with others, and, where it is
 * told so, begins and ends runs of its own beside. It speaks the protocol by hand, and not always politely.
 */
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Batch } from "../../../src/gen/stepwell/v1/ingest.js";
import { RunStatus } from "../../../src/gen/stepwell/v1/types.js";
import { homeOf } from "../../../src/home/endpoint.js";
import { newId } from "../../../src/model/id.js";
import { KEY, pointValue, stepOf, timestampOf } from "../branches.js";
import { randomOf } from "../random.js";
import { RawStream } from "./raw-stream.js";

/** How fast a client is. */
export interface BranchPace {
  /** How long it rests at most between batches. */
  readonly pauseMsMax: number;
  /** Points of a batch. */
  readonly pointsMax: number;
}

/** What the process is told, as JSON in its first argument. */
export interface BranchTask extends BranchPace {
  readonly ledger: string;
  readonly seed: number;
  readonly branch: number;
  readonly tracker: string;
  /** Runs that others log to as well. */
  readonly sharedRuns: readonly string[];
  /** Whether it begins runs of its own, too. */
  readonly beginsRuns: boolean;
}

const BATCHES_TOGETHER_MAX = 8;
const OWN_RUN_ENDS = 0.2;

const task = JSON.parse(process.argv[2] ?? "") as BranchTask;
const random = randomOf(task.seed, "branch");
const stream = new RawStream(homeOf(process.env), random, (through, pid) =>
  appendFileSync(task.ledger, `A ${through} ${pid}\n`),
);
const counts = new Map<string, number>(task.sharedRuns.map((runId) => [runId, 0]));
let sequence = 0;
let ownRun: string | undefined;

/** Sends points of a run behind those that it has; the first batch of each run begins it. */
function log(runId: string, isEnd: boolean): void {
  const from = counts.get(runId) ?? 0;
  const to = from + random.between(1, task.pointsMax);
  const numbers = Array.from({ length: to - from }, (_, at) => stepOf(task.branch, from + at));
  const column = {
    key: KEY,
    modelId: "",
    steps: numbers.map(BigInt),
    timestampsMs: numbers.map((step) => BigInt(timestampOf(step))),
    values: numbers.map((step) => pointValue(runId, step)),
  };
  const names = { experimentName: "", runName: "", user: "", sourceName: "", parentRunId: "" };
  const runStart = { ...names, trackers: [task.tracker], startTimeMs: 1n };
  const runEnd = { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 2n };
  const entries: Partial<Batch> = {
    metrics: [column],
    ...(from === 0 ? { runStart } : {}),
    ...(isEnd ? { runEnd } : {}),
  };
  sequence += 1;
  appendFileSync(task.ledger, `B ${sequence} ${runId} ${from} ${to} ${Number(isEnd)}\n`);
  counts.set(runId, to);
  stream.send(runId, entries);
}

function logSome(): void {
  for (let left = random.between(1, BATCHES_TOGETHER_MAX); left > 0; left--) {
    if (!task.beginsRuns || random.chance(0.5)) {
      log(random.pick(task.sharedRuns), false);
      continue;
    }
    ownRun ??= newId();
    const isEnd = random.chance(OWN_RUN_ENDS);
    log(ownRun, isEnd);
    if (isEnd) ownRun = undefined;
  }
}

let isStopping = false;
process.on("SIGTERM", () => {
  isStopping = true;
});
while (!isStopping) {
  logSome();
  await stream.acknowledgedInTime();
  await sleep(random.between(0, task.pauseMsMax));
}
await stream.close();
