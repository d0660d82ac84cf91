/**
 * A client process of short runs: it begins one after the other, with one param and one point each, ends
 * it, and never waits in between. A run comes as one batch or as up to four. Before a run's first batch its
 * id is in the ledger ("B id"), and once all of it is acknowledged, again ("A id").
 */
import { appendFileSync } from "node:fs";
import type { Batch } from "../../../src/gen/stepwell/v1/ingest.js";
import { RunStatus } from "../../../src/gen/stepwell/v1/types.js";
import { homeOf } from "../../../src/home/endpoint.js";
import { newId } from "../../../src/model/id.js";
import { randomOf } from "../random.js";
import { shortRunOf } from "../short-run.js";
import { RawStream } from "./raw-stream.js";

/** What the process is told, as JSON in its first argument. */
export interface ShortRunTask {
  readonly ledger: string;
  readonly seed: number;
}

/** Runs that are on their way at the same time. */
const RUNS_TOGETHER_MAX = 60;

const task = JSON.parse(process.argv[2] ?? "") as ShortRunTask;
const random = randomOf(task.seed, "short runs");
const stream = new RawStream(homeOf(process.env), random);

function partsOf(runId: string): Partial<Batch>[] {
  const { experiment, tracker, param, point, status } = shortRunOf(runId);
  const names = { experimentName: experiment, runName: "", user: "torture", sourceName: "", parentRunId: "" };
  const steps = [BigInt(point.step)];
  const timestampsMs = [BigInt(point.timestampMs)];
  return [
    { runStart: { ...names, trackers: [tracker], startTimeMs: 1n } },
    { params: [param] },
    { metrics: [{ key: point.key, steps, timestampsMs, values: [point.value], modelId: "" }] },
    { runEnd: { status: RunStatus[`RUN_STATUS_${status}`], endTimeMs: 2n } },
  ];
}

/** The parts as so many batches, in their order. */
function batchesOf(parts: readonly Partial<Batch>[], count: number): Partial<Batch>[] {
  const size = Math.ceil(parts.length / count);
  return Array.from({ length: Math.ceil(parts.length / size) }, (_, at) =>
    Object.assign({}, ...parts.slice(at * size, (at + 1) * size)),
  );
}

let isStopping = false;
process.on("SIGTERM", () => {
  isStopping = true;
});
while (!isStopping) {
  const runIds = Array.from({ length: random.between(1, RUNS_TOGETHER_MAX) }, newId);
  appendFileSync(task.ledger, runIds.map((runId) => `B ${runId}\n`).join(""));
  for (const runId of runIds) {
    for (const entries of batchesOf(partsOf(runId), random.between(1, 4))) stream.send(runId, entries);
  }
  await stream.acknowledgedInTime();
  appendFileSync(task.ledger, runIds.map((runId) => `A ${runId}\n`).join(""));
}
await stream.close();
