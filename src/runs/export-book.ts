/**
 * What this home gave away in bundles: how far, of each run and tracker. It is on disk before a bundle has its
 * name, so that a cursor or a receipt that comes back is never further than this says, whatever was killed.
 *
 *   begun   a bundle may hold the run through a position
 *   whole   one does, and the next bundle begins behind it
 */
import type { LeftCursor } from "../model/cursor.js";
import { Turns } from "../model/turns.js";
import type { Change, Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";
import type { RunPosition } from "./run.js";

/** One lane's part of a bundle. */
export interface ExportedLane {
  readonly runId: string;
  readonly trackerId: string;
  readonly through: RunPosition;
  /** Where a backend's cursor is when it has all of it. */
  readonly left: LeftCursor;
}

/** What is known of one lane. */
export interface ExportNote {
  /** The last position that any bundle may hold. */
  readonly seq: number;
  /** The last whole bundle. */
  readonly whole?: WholeBundle;
}

/** The end of a lane's part of a whole bundle. */
export interface WholeBundle extends Pick<ExportedLane, "through" | "left"> {
  readonly number: number;
}

const NUMBER = "bundle-number";

export class ExportBook {
  readonly #store: Store;
  readonly #notes: Map<string, ExportNote>;
  /** Changes come one after the other: a receipt may come while the next bundle is begun. */
  readonly #changing = new Turns();
  #number: number;

  private constructor(store: Store, notes: Map<string, ExportNote>, number: number) {
    this.#store = store;
    this.#notes = notes;
    this.#number = number;
  }

  /** Those of runs that do not go on are forgotten: every backend has them. */
  static async open(store: Store, goesOn: (runId: string) => boolean): Promise<ExportBook> {
    const rows = await store.list<ExportNote>(TABLES.exported);
    const over = rows.filter(({ key }) => !goesOn(key.split(".")[0] ?? ""));
    const gone = over.map(({ key }) => ({ table: TABLES.exported, key, value: undefined }));
    if (gone.length > 0) await store.write(gone, { sync: false });
    const notes = new Map(rows.filter((row) => !over.includes(row)).map(({ key, value }) => [key, value]));
    return new ExportBook(store, notes, (await store.get<number>(TABLES.counter, NUMBER)) ?? 0);
  }

  of(runId: string, trackerId: string): ExportNote | undefined {
    return this.#notes.get(keyOf(runId, trackerId));
  }

  /** The last position of a run that any bundle for the tracker may hold; 0: none. */
  exportedSeq(runId: string, trackerId: string): number {
    return this.of(runId, trackerId)?.seq ?? 0;
  }

  /** The next bundle's number; no other bundle of the home has it. */
  async nextNumber(): Promise<number> {
    this.#number += 1;
    const number = this.#number;
    await this.#store.write([{ table: TABLES.counter, key: NUMBER, value: number }], { sync: true });
    return number;
  }

  /** A bundle that holds these is about to get its name. */
  async begin(lanes: readonly ExportedLane[]): Promise<void> {
    await this.#change(lanes, true, (lane, before) => ({
      ...before,
      seq: Math.max(before?.seq ?? 0, lane.through.seq),
    }));
  }

  /** It has its name. Where this is lost the next bundle has it once more. */
  async complete(number: number, lanes: readonly ExportedLane[]): Promise<void> {
    await this.#change(lanes, false, ({ through, left }, before) => ({
      seq: Math.max(before?.seq ?? 0, through.seq),
      whole: { number, through, left },
    }));
  }

  /** The tracker has a run through a position; where no bundle may hold more, nothing is to be known. */
  async confirmed(runId: string, trackerId: string, seq: number): Promise<void> {
    await this.#changing.take(async () => {
      const key = keyOf(runId, trackerId);
      const note = this.#notes.get(key);
      if (!note || seq < note.seq) return;
      this.#notes.delete(key);
      await this.#store.write([rowOf(key, undefined)], { sync: false });
    });
  }

  async #change(
    lanes: readonly ExportedLane[],
    sync: boolean,
    next: (lane: ExportedLane, before: ExportNote | undefined) => ExportNote,
  ): Promise<void> {
    await this.#changing.take(async () => {
      const changed = lanes.map((lane) => {
        const key = keyOf(lane.runId, lane.trackerId);
        return [key, next(lane, this.#notes.get(key))] as const;
      });
      await this.#store.write(
        changed.map(([key, note]) => rowOf(key, note)),
        { sync },
      );
      for (const [key, note] of changed) this.#notes.set(key, note);
    });
  }
}

function rowOf(key: string, value: ExportNote | undefined): Change {
  return { table: TABLES.exported, key, value };
}

function keyOf(runId: string, trackerId: string): string {
  return `${runId}.${trackerId}`;
}
