/**
 * A pack as it came over the wire, made into what a store takes by the code that a daemon makes its own packs
 * with. Each record is judged as at a daemon's door: what would not be journaled is not delivered. Pure.
 */
import { StepwellError } from "../errors/stepwell-error.js";
import { type Piece, packOf } from "../flush/pack.js";
import type { RelayPack } from "../gen/stepwell/v1/relay.js";
import { admit } from "../ingest/admission.js";
import { admitEnd, admitStart } from "../ingest/admit-run.js";
import { type BatchView, viewBatch } from "../model/batch-view.js";
import type { LeftCursor } from "../model/cursor.js";
import { isId } from "../model/id.js";
import { RECORD_ENTRIES_MAX } from "../model/limits.js";
import type { RunEnd, RunStart } from "../model/run.js";
import { readLeft, readParents, readRun } from "../model/wire-run.js";
import { replaceParents } from "../sinks/parent-tag.js";
import type { RelayedPack } from "./store.js";

/** Longest name of a daemon's start. */
const INCARNATION_CHARACTERS_MAX = 64;

/** A pack with what its home says beside it. */
export interface ReadPack extends Omit<RelayedPack, "rights"> {
  readonly knownWrites: number;
}

/** Throws the code that the pack is refused with: nothing of it can be taken as it is. */
export function readPack(message: RelayPack, homeId: string): ReadPack {
  const { runId, records, incarnation } = message;
  if (!isId(runId))
    throw refusal("STEPWELL_RUN_ID_INVALID", "The pack's run has no id of 32 hexadecimal digits.");
  if (records.length === 0 || records.length > RECORD_ENTRIES_MAX)
    throw malformed(`The pack holds ${records.length} records; 1 to ${RECORD_ENTRIES_MAX} are allowed.`);
  const seq = countOf(message.lastSequence);
  const through = { seq, points: countOf(message.pointsThrough), bytes: countOf(message.bytesThrough) };
  const after = leftOf(message);
  if (seq <= (after?.seq ?? 0)) throw malformed("The pack ends no later than the cursor stands.");
  const pieces = records.map((payload): Piece => {
    const batch = readRecord(payload);
    return { record: { seq, through, endsRun: batch.end !== undefined, payload }, batch };
  });
  if (pieces.length > 1 && pieces.some(({ batch }) => batch.calls.length > 0))
    throw malformed("A record with a call does not stand alone.");
  if (incarnation.length > INCARNATION_CHARACTERS_MAX)
    throw malformed("The pack's sender has too long a name.");
  const author = { homeId, incarnation };
  const run = { runId, start: startOf(message), end: endOf(message), author, after };
  const made = packOf(run, pieces);
  const parents = readParents(message.parents);
  // Its columns are copies: the message's memory goes.
  const pack = { ...made, tags: replaceParents(made.tags, parents), records: [] };
  return { pack, run: readRun(message.run, ""), knownWrites: countOf(message.knownWrites) };
}

/** A record that admission would take whole, as one. */
function readRecord(payload: Uint8Array): BatchView {
  const batch = viewed(payload);
  const { refusals, parts } = admit(batch, payload, () => true, true);
  const [first] = refusals;
  if (first) throw refusal(first.code, first.message);
  if (parts.length > 1) throw malformed("A record is larger than the journal holds any.");
  return batch;
}

function viewed(payload: Uint8Array): BatchView {
  try {
    return viewBatch(payload);
  } catch (error) {
    throw error instanceof StepwellError ? error : malformed("A record can't be read.");
  }
}

function startOf({ runStart, goesOn }: RelayPack): RunStart {
  if (!runStart) throw malformed("The pack has no start of its run.");
  const start = admitStart({ start: runStart }, refuse)?.run;
  if (!start) throw malformed("The start of the pack's run can't be read.");
  return goesOn ? { ...start, goesOn } : start;
}

function endOf({ runEnd }: RelayPack): RunEnd | undefined {
  return runEnd && admitEnd({ end: runEnd }, refuse);
}

function refuse({
  code,
  message,
}: {
  readonly code: StepwellError["code"];
  readonly message: string;
}): never {
  throw refusal(code, message);
}

function leftOf({ after }: RelayPack): LeftCursor | undefined {
  if (!after) return undefined;
  if (!isId(after.homeId) || after.incarnation.length > INCARNATION_CHARACTERS_MAX)
    throw malformed("The place where the cursor was left can't be read.");
  countOf(after.sequence);
  return readLeft(after);
}

/** Positions and totals are numbers here; one that a number can't hold would change. */
function countOf(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw malformed("A number of the pack is larger than any there is.");
  return Number(value);
}

function malformed(sentence: string): StepwellError {
  return refusal("STEPWELL_BATCH_MALFORMED", sentence);
}

function refusal(code: StepwellError["code"], sentence: string): StepwellError {
  return new StepwellError(code, sentence);
}
