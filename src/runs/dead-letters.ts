/**
 * Dead letters: entries that will never be delivered as they are, kept and shown.
 *
 * One is on disk before what it stood for is counted as done. Each change is one synced
 * write together with the sums, so that both are right after any crash and a number is
 * never used twice. Only the sums are in memory. Their bytes are bounded: whoever would
 * park asks `fullness` first and waits instead, so that nothing is dropped.
 */

import { StepwellError } from "../errors/stepwell-error.js";
import type { ErrorCode } from "../errors/table.js";
import type { Clock } from "../model/clock.js";
import { counted } from "../model/counted.js";
import { DEAD_LETTERS_BYTES_MAX } from "../model/limits.js";
import { Turns } from "../model/turns.js";
import type { Change, Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";

export interface DeadLetter {
  readonly runId: string;
  /** The tracker that refused it; empty when its run never began. */
  readonly tracker: string;
  readonly code: ErrorCode;
  readonly reason: string;
  /** Entries in it: points, params and tags. */
  readonly entries: number;
  /** A Batch as protobuf bytes, in base64; empty for a note of entries that were lost. */
  readonly payload: string;
  /** Of a note of lost entries: the journal positions that were passed over, the first one exclusive. */
  readonly lost?: LostRange;
}

/** Journal positions at which a run misses something. */
export interface LostRange {
  readonly afterSeq: number;
  readonly throughSeq: number;
  /** Bytes of the records that are missing, where that is known. */
  readonly bytes?: number;
  /** Whether something may be missing, or nothing. */
  readonly isUncertain?: boolean;
}

/** A letter as it is kept. */
export interface ParkedLetter extends DeadLetter {
  /** Rises with each letter of the home. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly parkedMs: number;
}

/** Which letters are meant: those that meet all of it. */
export interface LetterSelection {
  /** Undefined: whatever their number. */
  readonly numbers?: readonly number[];
  /** Empty: of all runs. */
  readonly runId: string;
  /** A tracker's name; empty: of all. */
  readonly tracker: string;
}

/** Letters and the entries in them. */
export interface LetterSums {
  readonly letters: number;
  readonly entries: number;
}

type Row = Omit<ParkedLetter, "number">;

interface Sums extends LetterSums {
  readonly bytes: number;
  readonly lastNumber: number;
}

/** A change of letters with the sums that it leads to. */
interface Written {
  readonly changes: readonly Change[];
  readonly sums: Sums;
}

const SUMS = "dead-letters";
const NUMBER_DIGITS = 12;
/** About what a row takes beside its payload and its reason. */
const ROW_BYTES = 200;

export class DeadLetters {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #bytesMax: number;
  #sums: Sums;
  readonly #writing = new Turns();
  /** One after the other, so that no letter is taken twice. */
  readonly #taking = new Turns();

  private constructor(store: Store, clock: Clock, bytesMax: number, sums: Sums) {
    this.#store = store;
    this.#clock = clock;
    this.#bytesMax = bytesMax;
    this.#sums = sums;
  }

  static async open(store: Store, clock: Clock, bytesMax = DEAD_LETTERS_BYTES_MAX): Promise<DeadLetters> {
    const sums = (await store.get<Sums>(TABLES.counter, SUMS)) ?? (await sumUp(store));
    return new DeadLetters(store, clock, bytesMax, sums);
  }

  /** Entries that are parked. */
  get entries(): number {
    return this.#sums.entries;
  }

  /** Letters that are parked. */
  get letters(): number {
    return this.#sums.letters;
  }

  /** Why nothing more is to be parked, if that is so. */
  get fullness(): StepwellError | undefined {
    const { bytes, letters } = this.#sums;
    if (bytes < this.#bytesMax) return undefined;
    const sentence = `${counted(letters, "dead letter holds", "dead letters hold")} ${bytes} bytes; ${this.#bytesMax} are allowed.`;
    return new StepwellError("STEPWELL_DEAD_LETTERS_FULL", sentence);
  }

  /** Parks letters; they are on disk when this resolves. */
  async park(letters: readonly DeadLetter[]): Promise<void> {
    if (letters.length > 0) await this.replace([], letters);
  }

  /** Removes those of these letters that are still there and parks others, in one write. */
  async replace(before: readonly ParkedLetter[], after: readonly DeadLetter[]): Promise<void> {
    await this.#replace(
      before.map(({ number }) => number),
      after,
    );
  }

  /** Parks a letter in the place of those of these numbers that are still there, in one write. */
  async parkInPlaceOf(numbers: readonly number[], letter: DeadLetter): Promise<void> {
    await this.#replace(numbers, [letter]);
  }

  /** One letter. Throws STEPWELL_DEAD_LETTER_UNKNOWN. */
  async get(number: number): Promise<ParkedLetter> {
    const row = await this.#row(number);
    if (row) return row;
    throw new StepwellError("STEPWELL_DEAD_LETTER_UNKNOWN", `There is no dead letter ${number}.`);
  }

  /** The chosen letters with a higher number, by their numbers. Throws STEPWELL_DEAD_LETTER_UNKNOWN before the first. */
  async *list(selection: LetterSelection, afterNumber = 0): AsyncGenerator<ParkedLetter> {
    const { numbers, runId, tracker } = selection;
    const fits = (letter: DeadLetter) =>
      (runId === "" || letter.runId === runId) && (tracker === "" || letter.tracker === tracker);
    if (numbers) {
      const chosen = [...new Set(numbers)].sort((one, other) => one - other);
      for (const number of chosen) await this.get(number);
      for (const number of chosen) {
        // It may be gone by now.
        const letter = await this.#row(number);
        if (letter && number > afterNumber && fits(letter)) yield letter;
      }
      return;
    }
    for await (const { key, value } of this.#store.rows<Row>(TABLES.deadLetter, keyOf(afterNumber))) {
      if (fits(value)) yield { ...value, number: Number(key) };
    }
  }

  /** Removes the chosen letters for good, in one write. Throws STEPWELL_DEAD_LETTER_UNKNOWN. */
  async drop(selection: LetterSelection): Promise<LetterSums> {
    return await this.#taking.take(async () => {
      const dropped: ParkedLetter[] = [];
      let sums: LetterSums = { letters: 0, entries: 0 };
      for await (const letter of this.list(selection)) {
        dropped.push(letter);
        sums = { letters: sums.letters + 1, entries: sums.entries + letter.entries };
      }
      await this.replace(dropped, []);
      return sums;
    });
  }

  /**
   * Hands the chosen letters over in portions of about so many bytes. Those that `take`
   * answers are removed in one write before the next portion; what is parked meanwhile is
   * not handed over. Throws STEPWELL_DEAD_LETTER_UNKNOWN.
   */
  async takeEach(
    selection: LetterSelection,
    portionBytes: number,
    take: (letters: readonly ParkedLetter[]) => Promise<readonly ParkedLetter[]>,
  ): Promise<void> {
    await this.#taking.take(async () => {
      let portion: ParkedLetter[] = [];
      let bytes = 0;
      const pass = async () => {
        const taken = await take(portion);
        if (taken.length > 0) await this.replace(taken, []);
        portion = [];
        bytes = 0;
      };
      for await (const letter of this.list(selection)) {
        portion.push(letter);
        bytes += bytesOf(letter);
        if (bytes >= portionBytes) await pass();
      }
      if (portion.length > 0) await pass();
    });
  }

  /** Who reads letters and removes them then holds nobody else up: what is gone meanwhile counts no second time. */
  async #replace(numbers: readonly number[], after: readonly DeadLetter[]): Promise<void> {
    await this.#write(async (sums) => {
      const rows = await Promise.all([...new Set(numbers)].map((number) => this.#row(number)));
      const before = rows.filter((row) => row !== undefined);
      return this.#replaced(sums, before, after);
    });
  }

  async #row(number: number): Promise<ParkedLetter | undefined> {
    const row = await this.#store.get<Row>(TABLES.deadLetter, keyOf(number));
    return row && { ...row, number };
  }

  #replaced(sums: Sums, before: readonly ParkedLetter[], after: readonly DeadLetter[]): Written {
    const parkedMs = this.#clock.nowMs();
    let number = sums.lastNumber;
    const removed = before.map((letter) => rowOf(letter.number, undefined));
    const parked = after.map((letter) => rowOf(++number, { ...letter, parkedMs }));
    const rest = changed(changed(sums, before, -1), after, 1);
    return { changes: [...removed, ...parked], sums: { ...rest, lastNumber: number } };
  }

  /** One write after the other: each carries the sums. */
  async #write(change: (sums: Sums) => Promise<Written>): Promise<void> {
    await this.#writing.take(async () => {
      const { changes, sums } = await change(this.#sums);
      const counter = { table: TABLES.counter, key: SUMS, value: sums };
      await this.#store.write([...changes, counter], { sync: true });
      this.#sums = sums;
    });
  }
}

/** The sums of a home whose letters were parked before there was a counter. */
async function sumUp(store: Store): Promise<Sums> {
  let sums: Sums = { letters: 0, entries: 0, bytes: 0, lastNumber: 0 };
  for await (const { key, value } of store.rows<Row>(TABLES.deadLetter, "")) {
    sums = { ...changed(sums, [value], 1), lastNumber: Number(key) };
  }
  return sums;
}

function changed(sums: Sums, letters: readonly DeadLetter[], sign: 1 | -1): Sums {
  const sumOf = (part: (letter: DeadLetter) => number) =>
    sign * letters.reduce((sum, letter) => sum + part(letter), 0);
  return {
    ...sums,
    letters: sums.letters + sign * letters.length,
    entries: sums.entries + sumOf((letter) => letter.entries),
    bytes: sums.bytes + sumOf(bytesOf),
  };
}

function bytesOf({ payload, reason }: DeadLetter): number {
  return payload.length + Buffer.byteLength(reason) + ROW_BYTES;
}

function keyOf(number: number): string {
  return String(number).padStart(NUMBER_DIGITS, "0");
}

function rowOf(number: number, value: Row | undefined): Change {
  return { table: TABLES.deadLetter, key: keyOf(number), value };
}
