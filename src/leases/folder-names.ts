/**
 * The names in a folder that is looked at every second, and into which anything may be put. While nothing in
 * it changes a look is one stat; after a change a bounded number of names is read at each look, until all are.
 */
import { type BigIntStats, type Dir, statSync } from "node:fs";
import { opendir } from "node:fs/promises";
import type { Clock } from "../model/clock.js";

/** Names that one look reads, and wanted ones that are known of at a time. */
export const NAMES_A_LOOK = 500;
export const NAMES_KNOWN_MAX = 500;

/**
 * A folder can change once more within the tick of its time of change, of 2 s on some file systems: it counts
 * as read only if it had its time for so long when the reading began.
 */
const TICK_MS = 2_000;

/** One reading of all names, over several looks. */
interface Reading {
  readonly folder: Dir;
  readonly stamp: string;
  /** Whether nothing can have changed behind the stamp's back. */
  readonly isCertain: boolean;
  readonly found: Set<string>;
  others: number;
}

export class FolderNames {
  readonly #path: string;
  readonly #isWanted: (name: string) => boolean;
  readonly #clock: Clock;
  readonly #knownMax: number;
  #known: ReadonlySet<string> = new Set();
  #others = 0;
  #reading: Reading | undefined;
  /** The folder's identity and time of change, and since when it has them. */
  #seen = { stamp: "", sinceMs: 0 };
  #readStamp = "";

  /** The folder need not be there. */
  constructor(path: string, isWanted: (name: string) => boolean, clock: Clock, knownMax = NAMES_KNOWN_MAX) {
    this.#path = path;
    this.#isWanted = isWanted;
    this.#clock = clock;
    this.#knownMax = knownMax;
  }

  /** Names of other things that the last reading found. */
  get others(): number {
    return this.#others;
  }

  /** Whether the last look left names for the next one. */
  get isReading(): boolean {
    return this.#reading !== undefined;
  }

  /** The wanted names as far as they are known, and not more of them than may be. Throws what the system says. */
  async look(): Promise<ReadonlySet<string>> {
    // Not asynchronous: where no client ever left a note that wakes no other thread.
    const stats = statSync(this.#path, { bigint: true, throwIfNoEntry: false });
    if (!stats?.isDirectory()) {
      await this.#endReading();
      this.#known = new Set();
      return this.#known;
    }
    const stamp = stampOf(stats);
    const nowMs = this.#clock.monotonicMs();
    if (this.#seen.stamp !== stamp) this.#seen = { stamp, sinceMs: nowMs };
    if (!this.#reading && this.#readStamp === stamp) return this.#known;
    this.#reading ??= {
      folder: await opendir(this.#path),
      stamp,
      isCertain: nowMs - this.#seen.sinceMs >= TICK_MS,
      found: new Set(),
      others: 0,
    };
    try {
      if (await this.#read(this.#reading)) await this.#complete(this.#reading);
    } catch (error) {
      // The next look begins anew.
      await this.#endReading().catch(() => undefined);
      throw error;
    }
    return this.#reading ? new Set([...this.#known, ...this.#reading.found]) : this.#known;
  }

  /** Reads some more; answers whether that was all. */
  async #read(reading: Reading): Promise<boolean> {
    for (let read = 0; read < NAMES_A_LOOK; read++) {
      const entry = await reading.folder.read();
      if (!entry) return true;
      if (!this.#isWanted(entry.name)) reading.others += 1;
      else if (reading.found.size < this.#knownMax) reading.found.add(entry.name);
    }
    return false;
  }

  async #complete({ found, others, stamp, isCertain }: Reading): Promise<void> {
    this.#known = found;
    this.#others = others;
    // What did not fit is found once there is room, whether or not anything changes.
    const isAll = found.size < this.#knownMax;
    if (isCertain && isAll) this.#readStamp = stamp;
    await this.#endReading();
  }

  async #endReading(): Promise<void> {
    const reading = this.#reading;
    this.#reading = undefined;
    await reading?.folder.close();
  }
}

function stampOf({ dev, ino, mtimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${mtimeNs}`;
}
