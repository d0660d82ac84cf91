/**
 * How a run looks to the program that logs to it: what its tracker has of it, with what the run's lane still holds laid
 * over it. While the tracker can't be asked it is what it was last seen as, or as it began.
 *
 * Records are folded once. What a fold holds goes when the tracker has all of it: then the tracker alone tells.
 */
import type { Journal } from "../journal/journal.js";
import { isFor, viewBatch } from "../model/batch-view.js";
import { GATEWAY_SEEN_RUNS_MAX, RECORD_ENTRIES_MAX } from "../model/limits.js";
import type { Target } from "../model/target.js";
import { deliveredTo, type Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import type { JsonObject } from "./requests/body.js";
import { RunFold } from "./run-fold.js";

interface Folded {
  readonly fold: RunFold;
  throughSeq: number;
}

/** How much of the journal is read at once. */
const BUDGET = { points: 16 * RECORD_ENTRIES_MAX, texts: 16 * RECORD_ENTRIES_MAX, records: 1_000 };

export class RunViews {
  readonly #journal: Pick<Journal, "read">;
  readonly #runs: Pick<RunBook, "find" | "journaled">;
  readonly #folded = new Map<string, Folded>();
  /** Runs as their trackers showed them last, with what was logged by then. */
  readonly #seen = new Map<string, JsonObject>();

  constructor(journal: Pick<Journal, "read">, runs: Pick<RunBook, "find" | "journaled">) {
    this.#journal = journal;
    this.#runs = runs;
  }

  /** The run, over what its tracker shows of it now; undefined: over what was seen of it last. */
  async view(run: Run, target: Target, shown: JsonObject | undefined): Promise<JsonObject | undefined> {
    const key = `${run.runId}/${target.trackerId}`;
    const base = shown ?? this.#seen.get(key);
    if (!base) return undefined;
    const position = deliveredTo(run, target.trackerId);
    const isWhole = this.#runs.journaled(run).seq <= position.seq;
    if (isWhole) this.#folded.delete(key);
    const fold = isWhole ? undefined : await this.#foldOf(key, run, target, position.seq);
    const view = fold ? fold.over(base) : base;
    this.#keep(key, view);
    return view;
  }

  /** A run that the tracker has never shown, as it began. */
  begun(run: Run, target: Target, begun: JsonObject): void {
    this.#keep(`${run.runId}/${target.trackerId}`, begun);
  }

  async #foldOf(key: string, run: Run, target: Target, deliveredSeq: number): Promise<RunFold> {
    const known = this.#folded.get(key);
    const folded =
      known && known.throughSeq >= deliveredSeq ? known : { fold: new RunFold(), throughSeq: deliveredSeq };
    this.#folded.set(key, folded);
    for (;;) {
      const records = await this.#journal.read(run.number, folded.throughSeq, BUDGET);
      if (records.length === 0) return folded.fold;
      for (const record of records) {
        // Two that look at once read the same records.
        if (record.seq <= folded.throughSeq) continue;
        folded.throughSeq = record.seq;
        if (record.isGap) continue;
        const batch = viewBatch(record.payload);
        if (isFor(batch, target.trackerId)) folded.fold.add(batch);
      }
    }
  }

  #keep(key: string, view: JsonObject): void {
    this.#seen.delete(key);
    this.#seen.set(key, view);
    if (this.#seen.size <= GATEWAY_SEEN_RUNS_MAX) return;
    const [oldest] = this.#seen.keys();
    if (oldest === undefined) return;
    this.#seen.delete(oldest);
    this.#folded.delete(oldest);
  }
}
