/** The first reading of a bundle: all of it is whole and in order, and this is what it holds. */
import type { BundleFile } from "../bundles/bundle-reader.js";
import { damaged } from "../bundles/frames.js";
import type { BundleHead, BundleRun } from "../gen/stepwell/v1/bundles.js";
import { isId } from "../model/id.js";
import { readLeft } from "../model/wire-run.js";
import type { RunPosition } from "../runs/run.js";
import type { CarriedRun } from "./place.js";

/** A run of the bundle, with what its home says of it. */
export interface BundledRun extends CarriedRun {
  readonly message: BundleRun;
}

/** What a bundle holds, without its records. */
export interface Bundle {
  readonly head: BundleHead;
  /** In the file's order. */
  readonly runs: readonly BundledRun[];
}

/** Throws what is wrong with the file. */
export async function readBundle(file: BundleFile, signal: AbortSignal): Promise<Bundle> {
  let head: BundleHead | undefined;
  const runs = new Map<string, BundledRun>();
  let current: BundleRun | undefined;
  let last: RunPosition | undefined;
  const closeRun = () => {
    if (current) runs.set(current.runId, bundledRun(current, last, runs));
    current = undefined;
  };
  for await (const frame of file.frames()) {
    signal.throwIfAborted();
    if (frame.$case === "head") head = frame.value;
    if (frame.$case === "run" || frame.$case === "end") closeRun();
    if (frame.$case === "run") {
      current = frame.value;
      last = undefined;
    }
    if (frame.$case === "record") {
      const { sequence, pointsThrough, bytesThrough } = frame.value;
      const seq = countOf(sequence);
      if (seq <= (last?.seq ?? countOf(current?.afterSequence ?? 0n)))
        throw damaged("records are in disorder");
      last = { seq, points: countOf(pointsThrough), bytes: countOf(bytesThrough) };
    }
  }
  if (!head || !isId(head.homeId) || head.incarnations.length === 0)
    throw damaged("it does not say whose it is");
  return { head, runs: [...runs.values()] };
}

function bundledRun(
  message: BundleRun,
  last: RunPosition | undefined,
  known: ReadonlyMap<string, BundledRun>,
): BundledRun {
  const { runId, afterSequence, afterPoints, afterBytes } = message;
  if (!isId(runId) || known.has(runId) || !last) throw damaged("a run of it can't be read");
  const after = readLeft(message.after);
  const from = { seq: countOf(afterSequence), points: countOf(afterPoints), bytes: countOf(afterBytes) };
  return { message, runId, after, from, afterBundle: countOf(message.afterBundle), last };
}

/** Positions and totals are numbers here. */
export function countOf(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged("a number of it is larger than any there is");
  return Number(value);
}
