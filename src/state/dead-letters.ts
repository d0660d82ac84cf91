/**
 * Dead letters: entries that will never be delivered as they are, kept and shown.
 * One is on disk before what it stood for is counted as done.
 */
import type { ErrorCode } from "../errors/table.js";
import type { Clock } from "../model/clock.js";
import type { Store } from "../store/store.js";
import { TABLES } from "../store/tables.js";

export interface DeadLetter {
  readonly runId: string;
  /** The tracker that refused it; empty when its run never began. */
  readonly tracker: string;
  readonly code: ErrorCode;
  readonly reason: string;
  /** Entries in it: points, params and tags. */
  readonly entries: number;
  /** A Batch as protobuf bytes, in base64. */
  readonly payload: string;
}

interface Row extends DeadLetter {
  /** Milliseconds since 1970. */
  readonly parkedMs: number;
}

const NUMBER_DIGITS = 12;

export class DeadLetters {
  readonly #store: Store;
  readonly #clock: Clock;
  #next = 1;
  #entries = 0;

  private constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  static async open(store: Store, clock: Clock): Promise<DeadLetters> {
    const letters = new DeadLetters(store, clock);
    for (const { key, value } of await store.list<Row>(TABLES.deadLetter)) {
      letters.#next = Number(key) + 1;
      letters.#entries += value.entries;
    }
    return letters;
  }

  /** Entries that are parked. */
  get entries(): number {
    return this.#entries;
  }

  /** Parks letters; they are on disk when this resolves. */
  async park(letters: readonly DeadLetter[]): Promise<void> {
    if (letters.length === 0) return;
    const parkedMs = this.#clock.nowMs();
    const changes = letters.map((letter) => {
      const key = String(this.#next++).padStart(NUMBER_DIGITS, "0");
      return { table: TABLES.deadLetter, key, value: { ...letter, parkedMs } satisfies Row };
    });
    await this.#store.write(changes, { sync: true });
    for (const letter of letters) this.#entries += letter.entries;
  }
}
