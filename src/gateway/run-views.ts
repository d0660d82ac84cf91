/**
 * How a run looks to the program that logs to it: what its tracker has of it, with what the run's lane still holds laid
 * over it. While the tracker can't be asked it is what it was last seen as, or as it began, with what was journaled
 * since: what was delivered meanwhile stays in the journal for its replay window.
 *
 * Records are folded once. What a fold holds goes when the tracker has all of it: then the tracker alone tells.
 */
import type { Journal } from "../journal/journal.js";
import type { JournalRecord } from "../journal/record.js";
import { isFor, viewBatch } from "../model/batch-view.js";
import { GATEWAY_SEEN_RUNS_MAX } from "../model/limits.js";
import { factsOf, type Target } from "../model/target.js";
import type { BackendModels } from "../runs/backend-models.js";
import { deliveredTo, type Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import { keptRecordsAfter, recordsAfter } from "./journaled-records.js";
import type { JsonObject } from "./requests/body.js";
import { RunFold } from "./run-fold.js";

/** A run as its tracker shows it. */
export interface Shown {
  readonly run: JsonObject;
  /** What was read of the journal before the tracker was asked. */
  readonly held: Held;
}

/** What a tracker may not have of a run, folded. */
export interface Held {
  readonly fold: RunFold;
  throughSeq: number;
}

interface Seen {
  readonly view: JsonObject;
  /** All of the journal through here is in it. */
  readonly throughSeq: number;
}

export class RunViews {
  readonly #journal: Pick<Journal, "read" | "recall" | "release">;
  readonly #runs: Pick<RunBook, "find" | "journaled">;
  readonly #models: Pick<BackendModels, "idAt">;
  /** Of runs that their trackers show, what these have not got. */
  readonly #held = new Map<string, Held>();
  readonly #seen = new Map<string, Seen>();

  constructor(
    journal: Pick<Journal, "read" | "recall" | "release">,
    runs: Pick<RunBook, "find" | "journaled">,
    models: Pick<BackendModels, "idAt">,
  ) {
    this.#journal = journal;
    this.#runs = runs;
    this.#models = models;
  }

  /**
   * What a tracker may not have now: to be asked for before the tracker is. What is delivered while that answers may
   * stand in no answer, and can't be read any more.
   */
  async held(run: Run, target: Target): Promise<Held> {
    const fromSeq = deliveredTo(this.#runs.find(run.runId) ?? run, target.trackerId).seq;
    const held = this.#heldFrom(keyOf(run, target), run, fromSeq);
    await readOn(held, recordsAfter(this.#journal, run.number, held.throughSeq), target);
    return held;
  }

  /** The same for one look at many runs: nothing of it is remembered. */
  async heldOnce(run: Run, target: Target): Promise<Held> {
    const held = newHeld(deliveredTo(this.#runs.find(run.runId) ?? run, target.trackerId).seq);
    await readOn(held, recordsAfter(this.#journal, run.number, held.throughSeq), target);
    return held;
  }

  /** The run over what its tracker showed of it for such a look. */
  async viewOnce(run: Run, target: Target, { run: shown, held }: Shown): Promise<JsonObject> {
    await readOn(held, recordsAfter(this.#journal, run.number, held.throughSeq), target);
    return held.fold.over(shown, await this.#idsAt(target, held.fold.modelIds));
  }

  /** The run, over what its tracker shows of it now; undefined: over what was seen of it last. */
  async view(run: Run, target: Target, shown: Shown | undefined): Promise<JsonObject | undefined> {
    const key = keyOf(run, target);
    const seen = this.#seen.get(key);
    if (!shown && !seen) return undefined;
    const held = shown?.held ?? newHeld(seen?.throughSeq ?? 0);
    const records = shown
      ? recordsAfter(this.#journal, run.number, held.throughSeq)
      : keptRecordsAfter(this.#journal, this.#runs, run, held.throughSeq);
    await readOn(held, records, target);
    const ids = await this.#idsAt(target, held.fold.modelIds);
    const view = held.fold.over(shown?.run ?? seen?.view ?? {}, ids);
    this.#keep(key, { view, throughSeq: held.throughSeq });
    return view;
  }

  /** Runs that were looked at. */
  seenAt({ trackerId }: Target): string[] {
    return [...this.#seen.keys()].flatMap((key) => {
      const [runId = "", at] = key.split("/");
      return at === trackerId ? [runId] : [];
    });
  }

  /** A run that the tracker has never shown, as it began. */
  begun(run: Run, target: Target, begun: JsonObject): void {
    this.#keep(keyOf(run, target), { view: begun, throughSeq: 0 });
  }

  /** What the tracker calls models: the same model is not there twice, by two ids. */
  async #idsAt({ backend }: Target, modelIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const ids = new Map<string, string>();
    for (const modelId of modelIds) {
      const there = await this.#models.idAt(modelId, factsOf(backend).runsKey);
      if (there !== undefined) ids.set(modelId, there);
    }
    return ids;
  }

  /** What was folded before, as long as it reaches as far as the tracker: laid over that, it says the same. */
  #heldFrom(key: string, run: Run, fromSeq: number): Held {
    const known = this.#held.get(key);
    const isWhole = this.#runs.journaled(run).seq <= fromSeq;
    if (known && known.throughSeq >= fromSeq && !isWhole) return known;
    const held = newHeld(fromSeq);
    if (isWhole) this.#held.delete(key);
    else this.#held.set(key, held);
    return held;
  }

  #keep(key: string, seen: Seen): void {
    this.#seen.delete(key);
    this.#seen.set(key, seen);
    if (this.#seen.size <= GATEWAY_SEEN_RUNS_MAX) return;
    const [oldest] = this.#seen.keys();
    if (oldest === undefined) return;
    this.#seen.delete(oldest);
    this.#held.delete(oldest);
  }
}

async function readOn(held: Held, records: AsyncIterable<JournalRecord>, target: Target): Promise<void> {
  for await (const record of records) {
    // Two that look at once read the same records.
    if (record.seq <= held.throughSeq) continue;
    held.throughSeq = record.seq;
    if (record.isGap) continue;
    const batch = viewBatch(record.payload);
    if (isFor(batch, target.trackerId)) held.fold.add(batch);
  }
}

function newHeld(fromSeq: number): Held {
  return { fold: new RunFold(), throughSeq: fromSeq };
}

function keyOf({ runId }: Run, { trackerId }: Target): string {
  return `${runId}/${trackerId}`;
}
