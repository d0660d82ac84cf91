/** `log`, `param` and `tag`: what a program in any language logs by a command, on the daemon's disk when it returns. */
import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { systemClock } from "../../home/clock.js";
import type { Context } from "../context.js";
import { findLoggedRun } from "../daemon/logged-run.js";
import { type Entries, Producer } from "../daemon/producer.js";
import type { LoggedOptions } from "../input/options.js";
import { type Pair, readNumber, readPairs } from "../input/pairs.js";
import { columnsOf } from "../input/points.js";
import { Refusals } from "../output/refusals.js";

/** How long to try again what did not work for reasons that pass. */
const PATIENCE_MS = 10_000;

/** Options of `log`. */
export interface LogOptions extends LoggedOptions {
  readonly step?: bigint;
  /** Lines of standard input instead of words. */
  readonly stdin?: true;
}

/** `log KEY=VALUE...` or `log --stdin`: points of metrics. */
export async function log(context: Context, words: readonly string[], options: LogOptions): Promise<number> {
  if (options.stdin) {
    if (words.length > 0) throw new StepwellError("STEPWELL_USAGE", "Give either --stdin or KEY=VALUE.");
    return (await import("./log-stdin.js")).logStdin(context, options);
  }
  if (words.length === 0)
    throw new StepwellError("STEPWELL_USAGE", "Give KEY=VALUE, as in loss=0.3, or --stdin.");
  const [step, timestampMs] = [options.step ?? 0n, BigInt(systemClock.nowMs())];
  const points = readPairs(words).map(({ key, value }) => ({
    key,
    step,
    timestampMs,
    value: numberIn(key, value),
  }));
  return logEntries(context, { metrics: columnsOf(points) }, options);
}

/** `param KEY=VALUE...`. */
export async function param(
  context: Context,
  words: readonly string[],
  options: LoggedOptions,
): Promise<number> {
  return logEntries(context, { params: readPairs(words) }, options);
}

/** `tag KEY=VALUE...`. */
export async function tag(
  context: Context,
  words: readonly string[],
  options: LoggedOptions,
): Promise<number> {
  const tags: Pair[] = readPairs(words);
  return logEntries(context, { tags }, options);
}

async function logEntries(context: Context, entries: Entries, { run }: LoggedOptions): Promise<number> {
  const { runId } = await findLoggedRun(context, run);
  const producer = new Producer(context, runId, PATIENCE_MS);
  const refusals = new Refusals(context);
  try {
    refusals.ofDaemon(await producer.send(entries));
    return refusals.count === 0 ? EXIT.ok : EXIT.failed;
  } finally {
    refusals.sayRest();
    await producer.close();
  }
}

function numberIn(key: string, text: string): number {
  const value = readNumber(text);
  if (value !== undefined) return value;
  throw new StepwellError("STEPWELL_USAGE", `${key} needs a number, as in ${key}=0.3; ${text} is none.`);
}
