/**
 * Logged models that the daemon began while their server was away, with the ids that the server gave them since. Rows
 * stay for ever, as those of runs do: whoever got our id goes on with it.
 */
import type { Clock } from "../model/clock.js";
import type { BackendModel } from "../model/target.js";
import type { Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";
import { deliveredTo } from "./run.js";
import type { RunBook } from "./run-book.js";

export class BackendModels {
  readonly #store: Store;
  readonly #runs: Pick<RunBook, "find" | "journaled">;
  readonly #clock: Clock;
  /** When this daemon asked for models that are not known, of the monotonic clock. */
  readonly #askedMs = new Map<string, number>();

  constructor(store: Store, runs: Pick<RunBook, "find" | "journaled">, clock: Clock) {
    this.#store = store;
    this.#runs = runs;
    this.#clock = clock;
  }

  /** What is known of a model at a tracker; undefined: the daemon did not begin it. */
  async find(modelId: string, trackerId: string): Promise<BackendModel | undefined> {
    return await this.#store.get<BackendModel>(TABLES.backendModel, keyOf(modelId, trackerId));
  }

  /** Keeps it, on disk when the answer comes. */
  async keep(modelId: string, trackerId: string, value: BackendModel): Promise<void> {
    if (value.kind === "asked") this.#askedMs.set(modelId, this.#clock.monotonicMs());
    else this.#askedMs.delete(modelId);
    const row = { table: TABLES.backendModel, key: keyOf(modelId, trackerId), value };
    const alias = value.kind === "known" ? [aliasOf(modelId, value.modelIdThere)] : [];
    await this.#store.write([row, ...alias], { sync: true });
  }

  /** Nobody has the id of a model that was not begun after all. */
  async forget(modelId: string, trackerId: string): Promise<void> {
    this.#askedMs.delete(modelId);
    const row = { table: TABLES.backendModel, key: keyOf(modelId, trackerId), value: undefined };
    await this.#store.write([row], { sync: false });
  }

  /** When the tracker was asked last to make it; undefined: this daemon did not ask. */
  askedMs(modelId: string): number | undefined {
    return this.#askedMs.get(modelId);
  }

  /** Our id of a model, by that or by the one that a server gave it; an id that is not known stays as it is. */
  async ownId(modelId: string): Promise<string> {
    return (await this.#store.get<string>(TABLES.modelAlias, modelId)) ?? modelId;
  }

  /** The id that the tracker has of a model; undefined: it is to make it yet. One that it never will has ours. */
  async idAt(modelId: string, trackerId: string): Promise<string | undefined> {
    const known = await this.find(modelId, trackerId);
    if (!known) return modelId;
    if (known.kind === "known") return known.modelIdThere;
    return this.isExpected(known, trackerId) ? undefined : modelId;
  }

  /** Whether the lane of the run that it is of may still make it. */
  isExpected({ runId }: BackendModel, trackerId: string): boolean {
    const run = this.#runs.find(runId);
    return run !== undefined && this.#runs.journaled(run).seq > deliveredTo(run, trackerId).seq;
  }
}

function aliasOf(modelId: string, modelIdThere: string) {
  return { table: TABLES.modelAlias, key: modelIdThere, value: modelId };
}

function keyOf(modelId: string, trackerId: string): string {
  return `${modelId}.${trackerId}`;
}
