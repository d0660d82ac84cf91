/** Runs in both of the places where one can be: live, and in the archive. One may move from one to the other while it is looked for. */
import type { Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";
import type { Run } from "./run.js";

export class AllRuns {
  /** Runs that come back: the archive may not have them any more, and they are not live yet. */
  readonly #comingBack = new Map<string, Run>();
  readonly #store: Store;
  readonly #live: ReadonlyMap<string, Run>;

  constructor(store: Store, live: ReadonlyMap<string, Run>) {
    this.#store = store;
    this.#live = live;
  }

  async whileComingBack(run: Run, move: () => Promise<void>): Promise<void> {
    this.#comingBack.set(run.runId, run);
    try {
      await move();
    } finally {
      this.#comingBack.delete(run.runId);
    }
  }

  /** Each run once whose id begins so, also one that goes to the archive or comes back while it is read. */
  async list(prefix: string): Promise<Run[]> {
    const before = this.#outside();
    const archived = await this.#store.list<Run>(TABLES.archivedRun, prefix);
    const all = [...archived.map(({ value }) => value), ...before, ...this.#outside()];
    return byId(all.filter((run) => run.runId.startsWith(prefix)));
  }

  /** Each run, live ones first and a few archived ones in memory at a time; one that moves meanwhile may come twice. */
  async *each(): AsyncGenerator<Run> {
    const before = this.#outside();
    const archived = this.#store.rows<Run>(TABLES.archivedRun, "")[Symbol.asyncIterator]();
    try {
      // From its first row on it shows the archive as it is now: what comes back later is in it.
      let row = await archived.next();
      yield* byId([...before, ...this.#outside()]);
      for (; !row.done; row = await archived.next()) yield row.value.value;
    } finally {
      await archived.return?.();
    }
  }

  /** Runs that the archive may not have. */
  #outside(): Run[] {
    return [...this.#comingBack.values(), ...this.#live.values()];
  }
}

/** Of each the last one. */
function byId(runs: readonly Run[]): Run[] {
  return [...new Map(runs.map((run) => [run.runId, run] as const)).values()];
}
