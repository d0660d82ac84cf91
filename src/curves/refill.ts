/**
 * What a run's curves lack, read again: from the journal, which has what is not delivered and what was delivered of late, and
 * where that has it no more, from the run's local store.
 */
import type { JournalRecord } from "../journal/record.js";
import type { RangeQuestion } from "../model/range-question.js";
import type { Run } from "../runs/run.js";
import type { SavedThrough } from "./curve-file.js";
import { PointReader, type Points } from "./points.js";
import { Stretch } from "./stretch.js";

/** Points of a run's local store, of some of its keys, and how far the store has the run. */
export interface StoredPage {
  readonly columns: readonly { readonly key: string; readonly points: Points }[];
  /** Where the next page begins; undefined: this was the last. */
  readonly next: bigint | undefined;
  /** With the last page: the run's cursor there, in the same state of the file. */
  readonly cursor: { readonly seq: number; readonly points: number } | undefined;
}

/** Points of one metric in a range along an axis, in the order of it, and how far the store has the run. */
export interface StoredRange {
  readonly points: Points | undefined;
  readonly isCut: boolean;
  readonly throughSeq: number;
}

/** Where what is missing can be read. */
export interface RefillSources {
  /** Single points of what the run's local store has; undefined where it has none. */
  readonly storedRange: (run: Run, question: RangeQuestion) => Promise<StoredRange | undefined>;
  /** Whether the run has a local store. */
  readonly hasStore: (run: Run) => boolean;
  /** A run's records after a position that the journal still has. */
  readonly records: (run: Run, afterSeq: number) => AsyncIterable<JournalRecord>;
  /** Pages of what the run's local store has; undefined where it has none. */
  readonly stored: (run: Run) => AsyncIterable<StoredPage> | undefined;
}

/** What was read again. */
export interface Refilled {
  /** Read in place of all that was saved. */
  readonly isWhole: boolean;
  readonly stretch: Stretch;
  readonly through: SavedThrough;
}

/** How far a refill goes. */
export interface RefillEnd {
  /** The place, in points of the run, where what is in memory begins; it may change while this reads. Undefined: to the end. */
  readonly until: () => number | undefined;
  /** The store has the run through there: what is in memory may begin before. */
  readonly onStored: (points: number) => void;
  readonly lengthMax: () => number;
  /** Points of the run, where nothing of it is in memory. */
  readonly total: number;
  /** Whether what was missing before is looked for in the local store. */
  readonly looksForMissing: boolean;
}

/** A chain of records: which follow one another, and how many points lie in holes between them. */
class Chain {
  readonly stretch: Stretch;
  readonly #reader = new PointReader();
  readonly #end: RefillEnd;
  #missing = 0;
  #seq: number;

  constructor(from: SavedThrough, end: RefillEnd) {
    this.stretch = new Stretch(from.points);
    this.#end = end;
    this.#missing = from.missing;
    this.#seq = from.seq;
  }

  get through(): SavedThrough {
    return { seq: this.#seq, points: this.stretch.pointsThrough, missing: this.#missing };
  }

  /** Adds records behind the last; false where they do not fit: what is there goes further than where they begin. */
  async add(records: AsyncIterable<JournalRecord>): Promise<boolean> {
    for await (const record of records) {
      const before = record.through.points - record.points;
      const until = this.#end.until();
      if (until !== undefined && before >= until) return true;
      const hole = before - this.stretch.pointsThrough;
      if (hole < 0) return false;
      this.#skip(hole);
      this.#take(record);
    }
    return true;
  }

  /** Points that nobody has any more. */
  #skip(points: number): void {
    this.#missing += points;
    this.stretch.pointsThrough += points;
  }

  /** Reaches a place where what is in memory begins. */
  reach(points: number): void {
    if (points > this.stretch.pointsThrough) this.#skip(points - this.stretch.pointsThrough);
  }

  #take(record: JournalRecord): void {
    this.#seq = record.seq;
    if (record.points === 0) return;
    const { seq, points, through, payload } = record;
    const place = { seq, points, pointsThrough: through.points };
    this.stretch.addBatch(place, payload, this.#reader, this.#end.lengthMax());
  }
}

/** Reads what lies behind what is saved of a run, up to what is in memory. */
export async function refill(
  run: Run,
  saved: SavedThrough,
  sources: RefillSources,
  end: RefillEnd,
): Promise<Refilled> {
  const chain = new Chain(saved, end);
  const fits = await chain.add(sources.records(run, saved.seq));
  const until = end.until();
  const { missing: holes, points } = chain.through;
  const missing = holes + Math.max(0, (until ?? end.total) - points);
  if (!fits || missing > (end.looksForMissing ? 0 : saved.missing)) {
    const again = await readStored(run, sources, end);
    if (again && (!fits || again.through.missing < missing)) return again;
  }
  // What is saved is of another history of the home: it counts for nothing.
  if (!fits) {
    const anew = new Chain({ seq: 0, points: 0, missing: 0 }, end);
    await anew.add(sources.records(run, 0));
    anew.reach(end.until() ?? 0);
    return { isWhole: true, stretch: anew.stretch, through: anew.through };
  }
  chain.reach(until ?? 0);
  return { isWhole: false, stretch: chain.stretch, through: chain.through };
}

/** All that the local store has, with what the journal has behind it. */
async function readStored(run: Run, sources: RefillSources, end: RefillEnd): Promise<Refilled | undefined> {
  const pages = sources.stored(run);
  if (!pages) return undefined;
  const stored = new Stretch(0);
  let cursor: StoredPage["cursor"];
  for await (const page of pages) {
    for (const { key, points } of page.columns) stored.addPoints(key, points, end.lengthMax());
    cursor = page.cursor;
  }
  if (!cursor || cursor.points === 0) return undefined;
  end.onStored(cursor.points);
  const chain = new Chain({ ...cursor, missing: 0 }, end);
  const fits = await chain.add(sources.records(run, cursor.seq));
  if (!fits) return undefined;
  chain.reach(end.until() ?? 0);
  stored.join(chain.stretch);
  return { isWhole: true, stretch: stored, through: chain.through };
}
