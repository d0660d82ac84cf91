/**
 * The salvage: brings back what can be read of damaged journal segments, while no daemon
 * runs (the state store's lock sees to that).
 *
 * Which records were delivered is told by the damage book, and where a hole was noticed
 * later by the note of it. Of the others, those that a lane still has to pass go back to
 * their own place; running totals of later records include them already. Those whose place
 * was passed, or given out again, become dead letters with their entries, which a retry
 * journals anew. What a note no longer misses is taken off it in the same write, and a
 * record that nobody got and nobody can read any more leaves a note of its own.
 *
 * A crash on the way leaves the segment damaged; what was restored is found, and what was
 * parked at worst is parked twice, which harms as little as a retry does.
 */
import { toStepwellError } from "../errors/stepwell-error.js";
import {
  type DamagedSegment,
  damagedSegments,
  markSalvaged,
  type RecordPlace,
  readDamaged,
  restoreSegment,
  type StoredRecord,
} from "../journal/damaged-segment.js";
import { forgetMissing, missingSegments } from "../journal/lost-segments.js";
import { recordBytes } from "../journal/record.js";
import type { Clock } from "../model/clock.js";
import { counted } from "../model/counted.js";
import type { RecordCount, SegmentSalvage } from "../model/home-check.js";
import { type Delivered, damageOf, forgetDamage } from "../runs/damage-book.js";
import { type DeadLetter, DeadLetters, type ParkedLetter } from "../runs/dead-letters.js";
import { type Run, releasedSeq } from "../runs/run.js";
import { RunBook } from "../runs/run-book.js";
import type { SalvageNote } from "../runs/salvage-notes.js";
import type { Store } from "../store/contract.js";

const GONE =
  "STEPWELL_STORE_DAMAGED: Its folder is gone, there is nothing to read; what runs miss is in dead-letter list.";

/** What is done with a record, and the notes that it is taken off. */
interface Verdict {
  readonly record: StoredRecord;
  readonly fate: "restored" | "parked" | "delivered" | "unknownRun";
  /** Whether it also goes back to its place, for a tracker that has not passed it. */
  readonly isRestored: boolean;
  readonly run: Run | undefined;
  readonly notes: readonly ParkedLetter[];
}

/** What became of a damaged state store, as that of a segment is told: rows in place of records. */
export function reportOfStore({ keptIn, rows, unreadable }: SalvageNote): SegmentSalvage {
  const none = report(`state store (the damaged one is ${keptIn})`, [], unreadable);
  return { ...none, restored: { records: rows, points: 0 } };
}

/** Salvages every damaged segment of a journal, oldest first. What fails is said in its report. */
export async function salvageJournal(
  journalFolder: string,
  store: Store,
  clock: Clock,
): Promise<SegmentSalvage[]> {
  const runs = await RunBook.open({ store, clock, journaled: () => undefined, resolve: () => [] });
  const byNumber = new Map((await runs.list()).map((run) => [run.number, run]));
  const letters = await DeadLetters.open(store, clock);
  const reports: SegmentSalvage[] = [];
  for (const name of await damagedSegments(journalFolder)) {
    try {
      const full = letters.fullness;
      if (full) throw full;
      const known = { runs: byNumber, letters, delivered: await damageOf(store, name) };
      reports.push(await salvageSegment(journalFolder, name, known));
      await forgetDamage(store, name);
    } catch (error) {
      const { code, message } = toStepwellError(error);
      reports.push({ ...report(name, [], 0), fault: `${code}: ${message}` });
    }
  }
  for (const name of await missingSegments(journalFolder)) {
    await forgetMissing(journalFolder, name);
    reports.push({ ...report(name, [], 0), fault: GONE });
  }
  return reports;
}

/** What the state store knows that decides about a segment's records. */
interface Known {
  readonly runs: ReadonlyMap<number, Run>;
  readonly letters: DeadLetters;
  /** What was delivered when the damage was found, if that was noted. */
  readonly delivered: Delivered | undefined;
}

async function salvageSegment(folder: string, name: string, known: Known): Promise<SegmentSalvage> {
  const { letters } = known;
  const damaged = await readDamaged(folder, name);
  const notes = await notesOfHoles(letters);
  const verdicts = damaged.records.map((record) => judge(record, damaged, known, notes));
  const back = verdicts.filter((verdict) => verdict.isRestored).map(({ record }) => record);
  await restoreSegment(folder, damaged, back);
  const parked = verdicts.filter(({ fate }) => fate === "parked");
  const { covered, left } = takenOff(parked);
  const lost = damaged.unreadable.flatMap((place) => noteOf(place, damaged, known, notes));
  if (parked.length + lost.length > 0)
    await letters.replace(covered, [...parked.map(letterOf), ...left, ...lost]);
  await markSalvaged(folder, name);
  return report(name, verdicts, damaged.unreadable.length);
}

async function notesOfHoles(letters: DeadLetters): Promise<ParkedLetter[]> {
  const notes: ParkedLetter[] = [];
  for await (const letter of letters.list({ runId: "", tracker: "" })) if (letter.lost) notes.push(letter);
  return notes;
}

function judge(
  record: StoredRecord,
  damaged: DamagedSegment,
  known: Known,
  holes: readonly ParkedLetter[],
): Verdict {
  const run = known.runs.get(record.run);
  if (!run) return { record, run, fate: "unknownRun", isRestored: false, notes: [] };
  const notes = holes.filter((note) => covers(note, run, record.seq));
  if (notes.length === 0 && wasDelivered(record, run, known))
    return { record, run, fate: "delivered", isRestored: false, notes };
  const isRestored = record.seq > releasedSeq(run) && record.seq < damaged.reusedFromSeq;
  const fate = isRestored && notes.length === 0 ? "restored" : "parked";
  return { record, run, fate, isRestored, notes };
}

function wasDelivered({ seq }: RecordPlace, run: Run, { delivered }: Known): boolean {
  const through = delivered ? delivered.get(run.number) : releasedSeq(run);
  return (through === undefined || seq <= through) && seq <= releasedSeq(run);
}

function covers({ runId, lost }: ParkedLetter, run: Run, seq: number): boolean {
  return runId === run.runId && lost !== undefined && lost.afterSeq < seq && seq <= lost.throughSeq;
}

/** A note of a record that can't be read, unless everybody has it or a note of it is there. */
function noteOf(
  place: RecordPlace,
  damaged: DamagedSegment,
  known: Known,
  holes: readonly ParkedLetter[],
): DeadLetter[] {
  const run = known.runs.get(place.run);
  if (!run || wasDelivered(place, run, known)) return [];
  if (holes.some((note) => !note.lost?.isUncertain && covers(note, run, place.seq))) return [];
  return [
    {
      runId: run.runId,
      tracker: "",
      code: "STEPWELL_RECORD_DAMAGED",
      reason: `A record of this run can't be read from the journal's segment ${damaged.number} any more.`,
      entries: 1,
      payload: "",
      lost: { afterSeq: place.seq - 1, throughSeq: place.seq },
    },
  ];
}

/**
 * The notes that got something back, and what they still miss. One that only says that something
 * may be missing stays: nothing tells that all came back.
 */
function takenOff(parked: readonly Verdict[]): { covered: ParkedLetter[]; left: DeadLetter[] } {
  const found = new Map<ParkedLetter, StoredRecord[]>();
  for (const { record, notes } of parked) {
    for (const note of notes.filter(({ lost }) => !lost?.isUncertain))
      found.set(note, [...(found.get(note) ?? []), record]);
  }
  const left = [...found].flatMap(([note, records]) => stillMissing(note, records));
  return { covered: [...found.keys()], left };
}

function stillMissing(note: ParkedLetter, found: readonly StoredRecord[]): DeadLetter[] {
  const { runId, tracker, code, payload, lost } = note;
  const points = Math.max(0, note.entries - found.reduce((sum, record) => sum + record.points, 0));
  const bytes =
    lost?.bytes === undefined
      ? undefined
      : lost.bytes - found.reduce((sum, record) => sum + recordBytes(record.payload), 0);
  if (!lost || (bytes ?? points) <= 0) return [];
  const what = bytes === undefined ? counted(points, "metric point") : `Records (${bytes} bytes)`;
  const reason = `${what} of this run can't be read from the journal any more.`;
  const rest = bytes === undefined ? lost : { ...lost, bytes };
  return [{ runId, tracker, code, payload, lost: rest, entries: Math.max(1, points), reason }];
}

function letterOf({ record, run, notes }: Verdict): DeadLetter {
  const { points, params, tags, startsRun, endsRun, payload } = record;
  const trackers = new Set(notes.map((note) => note.tracker));
  return {
    runId: run?.runId ?? "",
    tracker: trackers.size === 1 ? (notes[0]?.tracker ?? "") : "",
    code: "STEPWELL_RECORD_DAMAGED",
    reason: "It was read back from a damaged journal segment and can be sent again.",
    entries: points + params + tags + Number(startsRun) + Number(endsRun),
    payload: Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString("base64"),
  };
}

function report(segment: string, verdicts: readonly Verdict[], unreadableRecords: number): SegmentSalvage {
  const countOf = (fate: Verdict["fate"]): RecordCount => {
    const those = verdicts.filter((verdict) => verdict.fate === fate);
    return { records: those.length, points: those.reduce((sum, { record }) => sum + record.points, 0) };
  };
  return {
    segment,
    restored: countOf("restored"),
    parked: countOf("parked"),
    delivered: countOf("delivered"),
    unknownRun: countOf("unknownRun"),
    unreadableRecords,
    fault: "",
  };
}
