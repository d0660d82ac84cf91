/**
 * How a run looks to the program that logs to it: what its tracker has of it, with what the run's lane still holds laid
 * over it. While the tracker can't be asked it is what it was last seen as, or as it began, with what was journaled
 * since: what was delivered meanwhile stays in the journal for its replay window.
 *
 * Records are folded once. What a fold holds goes when the tracker has all of it: then the tracker alone tells.
 */
import type { Journal } from "../journal/journal.js";
import { isFor, viewBatch } from "../model/batch-view.js";
import { GATEWAY_SEEN_RUNS_MAX } from "../model/limits.js";
import type { Target } from "../model/target.js";
import { deliveredTo, type Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import { recordsAfter } from "./journaled-records.js";
import type { JsonObject } from "./requests/body.js";
import { RunFold } from "./run-fold.js";

/** A run as its tracker shows it. */
export interface Shown {
  readonly run: JsonObject;
  /** What the tracker had for certain when it was asked. */
  readonly fromSeq: number;
}

interface Seen {
  readonly view: JsonObject;
  /** All of the journal through here is in it. */
  readonly throughSeq: number;
}

interface Folded {
  readonly fold: RunFold;
  throughSeq: number;
}

export class RunViews {
  readonly #journal: Pick<Journal, "read">;
  readonly #runs: Pick<RunBook, "find" | "journaled">;
  /** Of runs that their trackers show, what these have not got. */
  readonly #folded = new Map<string, Folded>();
  readonly #seen = new Map<string, Seen>();

  constructor(journal: Pick<Journal, "read">, runs: Pick<RunBook, "find" | "journaled">) {
    this.#journal = journal;
    this.#runs = runs;
  }

  /** What a tracker has for certain now: to be noted before it is asked, for it may get more meanwhile. */
  certainSeq(run: Run, { trackerId }: Target): number {
    return deliveredTo(this.#runs.find(run.runId) ?? run, trackerId).seq;
  }

  /** The run, over what its tracker shows of it now; undefined: over what was seen of it last. */
  async view(run: Run, target: Target, shown: Shown | undefined): Promise<JsonObject | undefined> {
    const key = keyOf(run, target);
    const seen = this.#seen.get(key);
    if (!shown && !seen) return undefined;
    const folded = shown ? this.#foldFrom(key, run, shown.fromSeq) : newFold(seen?.throughSeq ?? 0);
    await this.#readOn(folded, run, target);
    const view = folded.fold.over(shown?.run ?? seen?.view ?? {});
    this.#keep(key, { view, throughSeq: folded.throughSeq });
    return view;
  }

  /** A run that the tracker has never shown, as it began. */
  begun(run: Run, target: Target, begun: JsonObject): void {
    this.#keep(keyOf(run, target), { view: begun, throughSeq: 0 });
  }

  /** What was folded before, as long as it reaches as far as the tracker: laid over that, it says the same. */
  #foldFrom(key: string, run: Run, fromSeq: number): Folded {
    const known = this.#folded.get(key);
    const isWhole = this.#runs.journaled(run).seq <= fromSeq;
    if (known && known.throughSeq >= fromSeq && !isWhole) return known;
    const folded = newFold(fromSeq);
    if (isWhole) this.#folded.delete(key);
    else this.#folded.set(key, folded);
    return folded;
  }

  async #readOn(folded: Folded, run: Run, target: Target): Promise<void> {
    for await (const record of recordsAfter(this.#journal, run.number, folded.throughSeq)) {
      // Two that look at once read the same records.
      if (record.seq <= folded.throughSeq) continue;
      folded.throughSeq = record.seq;
      if (record.isGap) continue;
      const batch = viewBatch(record.payload);
      if (isFor(batch, target.trackerId)) folded.fold.add(batch);
    }
  }

  #keep(key: string, seen: Seen): void {
    this.#seen.delete(key);
    this.#seen.set(key, seen);
    if (this.#seen.size <= GATEWAY_SEEN_RUNS_MAX) return;
    const [oldest] = this.#seen.keys();
    if (oldest === undefined) return;
    this.#seen.delete(oldest);
    this.#folded.delete(oldest);
  }
}

function newFold(fromSeq: number): Folded {
  return { fold: new RunFold(), throughSeq: fromSeq };
}

function keyOf({ runId }: Run, { trackerId }: Target): string {
  return `${runId}/${trackerId}`;
}
