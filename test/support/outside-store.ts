/** A home whose tracker writes to a store outside of it, and runs that matter by their steps alone. */
import { cpSync } from "node:fs";
import type { ExecutionContext } from "ava";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { query } from "../sinks/mlflow-sqlite/database.js";
import { scratchFolder } from "./folder.js";
import { type DaemonOptions, type DaemonProcess, type ScratchHome, scratchHome } from "./home.js";
import { RawProducer, startOf } from "./producer.js";

/** With a daemon of the test's own. */
export async function homeWithStore(
  t: ExecutionContext,
  options: DaemonOptions = {},
): Promise<{ home: ScratchHome; store: string; daemon: DaemonProcess }> {
  const home = await scratchHome(t);
  const daemon = await home.startDaemon(options);
  const store = `${await scratchFolder(t)}/mlflow.db`;
  const uri = `--tracking_uri=sqlite:///${store}`;
  await home.json(["experiment-tracker", "register", "out", "--flavor=mlflow", uri]);
  await home.json(["stack", "register", "local", "-e", "out", "--set"]);
  return { home, store, daemon };
}

/**
 * Logs a point for each step from one on, and waits until they are acknowledged. It begins the run, or says
 * that it goes on with it, whoever began it.
 */
export async function logSteps(
  endpoint: string,
  runId: string,
  fromStep: number,
  count: number,
  goesOn = false,
): Promise<void> {
  const producer = new RawProducer(endpoint);
  producer.hello();
  const numbers = Array.from({ length: count }, (_, index) => BigInt(fromStep + index));
  const values = numbers.map(Number);
  const metrics = [{ key: "loss", modelId: "", steps: numbers, timestampsMs: numbers, values }];
  const runEnd = goesOn ? { status: RunStatus.RUN_STATUS_RUNNING, endTimeMs: 0n } : undefined;
  producer.batch(1, runId, { runStart: startOf(), metrics, runEnd });
  await producer.acknowledged(1);
  producer.close();
}

/** Flushes; all has to be delivered, and no dead letter there. */
export async function flushed(t: ExecutionContext, home: ScratchHome): Promise<void> {
  const { code, stderr } = await home.here(["flush", "--timeout=500"]);
  t.is(code, 0, stderr);
}

export function stepsIn(store: string, runId: string): number[] {
  const sql = "SELECT step FROM metrics WHERE run_uuid = ? ORDER BY step";
  return query(store, sql, runId).map(([step]) => Number(step));
}

/** Each range as its first step and how many there are. */
export function steps(...ranges: [from: number, count: number][]): number[] {
  return ranges.flatMap(([from, count]) => Array.from({ length: count }, (_, index) => from + index));
}

/** Copies a home as it lies there, but for its socket. */
export function copyHome(from: string, to: string): void {
  cpSync(from, to, { recursive: true, filter: (path) => !path.endsWith(".sock") });
}
