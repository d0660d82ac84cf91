/** A small run, logged from within the harness: before the faults begin, and after they have ended. */
import { randomBytes } from "node:crypto";
import type { HomePaths } from "../../../src/home/endpoint.js";
import { Ledger } from "../ledger.js";
import { rawRun } from "./raw-run.js";
import { RawStream } from "./raw-stream.js";

const BASE_MS = 1_600_000_000_000;

/** Logs a run of so many points to the trackers; resolves once all of it is acknowledged, or rejects. */
export async function logSample(
  paths: HomePaths,
  ledgerPath: string,
  trackers: readonly string[],
  points: number,
): Promise<void> {
  const ledger = new Ledger(ledgerPath);
  const runId = randomBytes(16).toString("hex");
  ledger.write("R", 0, runId, BASE_MS, trackers.join());
  ledger.write("M", 0, 0, points);
  ledger.write("E", 0, "FINISHED");
  const stream = new RawStream(paths, undefined);
  const run = rawRun(stream, runId, trackers);
  run.series(0, 0, points, BASE_MS);
  run.end("FINISHED");
  try {
    await stream.acknowledged();
    ledger.acknowledge(3);
  } finally {
    await stream.close();
  }
}
