/**
 * The home's own history: its id, and every start of its daemon with the journal position at which that
 * began (model/cursor.ts says what for). A start is on disk before it writes the first cursor.
 *
 * A home that finds a cursor which it did not write is a copy, or an earlier state of one that went on.
 * It takes a new id then. The state store has it first, in one synced write with how it came about; the
 * home's file follows at the next start where a kill came between.
 */
import { StepwellError } from "../errors/stepwell-error.js";
import type { Clock } from "../model/clock.js";
import type { Author, Incarnation } from "../model/cursor.js";
import { newId } from "../model/id.js";
import { INCARNATIONS_MAX } from "../model/limits.js";
import { Turns } from "../model/turns.js";
import type { Store } from "../store/contract.js";
import { homeIdOf, keychainIdOf } from "../store/migrations.js";
import { TABLES } from "../store/tables.js";

/** That the home took a new id. */
export interface NewId {
  readonly homeId: string;
  readonly earlierId: string;
  /** Milliseconds since 1970. */
  readonly takenMs: number;
  /** The run whose cursor told, and the tracker. */
  readonly runId: string;
  readonly tracker: string;
}

interface Row {
  readonly incarnations: readonly Incarnation[];
  readonly newIds: readonly NewId[];
}

export interface HistoryOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** The position that the journal gave first, or will, since this start; undefined while it is not open. */
  readonly firstSeq: () => number | undefined;
  /** Keeps the home's id where no damage to the store reaches it. */
  readonly keepId: (homeId: string) => Promise<void>;
}

const KEY = "history";
/** New ids that are remembered: more would be a home that is copied each day. */
const NEW_IDS_MAX = 100;

export class HomeHistory {
  readonly #options: HistoryOptions;
  readonly #incarnation = newId();
  readonly #earlier: Row;
  #homeId: string;
  #row: Row | undefined;
  readonly #changing = new Turns();

  private constructor(options: HistoryOptions, homeId: string, earlier: Row) {
    this.#options = options;
    this.#homeId = homeId;
    this.#earlier = earlier;
  }

  static async open(options: HistoryOptions): Promise<HomeHistory> {
    return new HomeHistory(options, await homeIdOf(options.store), await readRow(options.store));
  }

  get homeId(): string {
    return this.#homeId;
  }

  /** Who writes cursors now. */
  get author(): Author {
    return { homeId: this.#homeId, incarnation: this.#incarnation };
  }

  /** Every start, this one last. */
  get incarnations(): readonly Incarnation[] {
    return (this.#row ?? this.#earlier).incarnations;
  }

  /** The ids that were taken, the last one at the end. */
  get newIds(): readonly NewId[] {
    return (this.#row ?? this.#earlier).newIds;
  }

  /** Puts this start on disk, once; nothing may name it before. Throws while the journal is not open. */
  async ready(): Promise<void> {
    if (this.#row) return;
    await this.#changing.take(async () => {
      if (this.#row) return;
      const fromSeq = this.#options.firstSeq();
      if (fromSeq === undefined)
        throw new StepwellError("STEPWELL_JOURNAL_FAILED", "The journal is not open.");
      const { incarnations, newIds } = this.#earlier;
      const all = [...incarnations, { id: this.#incarnation, fromSeq }];
      await this.#write({ incarnations: all.slice(-INCARNATIONS_MAX), newIds });
    });
  }

  /** Takes a new id in place of this one, and answers it; undefined where that has happened already. */
  async takeNewId(earlierId: string, found: Pick<NewId, "runId" | "tracker">): Promise<NewId | undefined> {
    return await this.#changing.take(async () => {
      if (earlierId !== this.#homeId || !this.#row) return undefined;
      const { clock, keepId } = this.#options;
      const homeId = newId();
      const taken: NewId = { homeId, earlierId, takenMs: clock.nowMs(), ...found };
      await this.#write({ ...this.#row, newIds: [...this.#row.newIds, taken].slice(-NEW_IDS_MAX) }, homeId);
      this.#homeId = homeId;
      // Where it fails the next start does it.
      await keepId(homeId).catch(() => undefined);
      return taken;
    });
  }

  async #write(row: Row, homeId = this.#homeId): Promise<void> {
    const { store } = this.#options;
    const changes = [
      { table: TABLES.meta, key: KEY, value: row },
      { table: TABLES.meta, key: "home_id", value: homeId },
      // Items of the keychain keep the name that they were written under.
      { table: TABLES.meta, key: "keychain_id", value: await keychainIdOf(store) },
    ];
    await store.write(changes, { sync: true });
    this.#row = row;
  }
}

/** Says it in a sentence. */
export function sayNewId({ homeId, earlierId, takenMs, runId, tracker }: NewId): string {
  const when = new Date(takenMs).toISOString();
  return `This home is a copy, or an earlier state of one that went on: tracker ${tracker} has entries of run ${runId} that it did not write. On ${when} it took the new id ${homeId} in place of ${earlierId}, and delivers under that.`;
}

/** The ids that a home took; for whoever looks at it while no daemon runs. */
export async function newIdsOf(store: Store): Promise<readonly NewId[]> {
  return (await readRow(store)).newIds;
}

async function readRow(store: Store): Promise<Row> {
  return (await store.get<Row>(TABLES.meta, KEY)) ?? { incarnations: [], newIds: [] };
}
