/**
 * Pipeline runs in the state store, one row each, so that a change of a step and what it
 * means for the others is one synced write. Memory holds those that go on, and those with a
 * lost step that may come back.
 */
import { StepwellError } from "../errors/stepwell-error.js";
import { LOST_PIPELINE_RUNS_MAX } from "../model/limits.js";
import type { Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";
import type { PipelineRun } from "./pipeline-run.js";

interface PipelineRow {
  readonly lastRunId: string;
  /** When that run began, in ms since 1970. */
  readonly startMs: number;
}

export class PipelineBook {
  readonly #store: Store;
  readonly #live = new Map<string, PipelineRun>();
  /** Runs with a step that was lost and may come back, the one that was changed last at the end. */
  readonly #lost = new Map<string, PipelineRun>();

  private constructor(store: Store) {
    this.#store = store;
  }

  /** Reads the runs that go on or may. How long ago a step was lost does not count: a clock that jumped would end all of them. */
  static async open(store: Store): Promise<PipelineBook> {
    const book = new PipelineBook(store);
    const lost: [lostMs: number, run: PipelineRun][] = [];
    for (const { key } of await store.list<true>(TABLES.livePipelineRun)) {
      const run = await store.get<PipelineRun>(TABLES.pipelineRun, key);
      const lostMs = run && lastLostMs(run);
      if (run && goesOn(run)) book.#live.set(key, run);
      else if (run && lostMs !== undefined) lost.push([lostMs, run]);
      else await store.write([{ table: TABLES.livePipelineRun, key, value: undefined }], { sync: false });
    }
    for (const [, run] of lost.sort(([one], [other]) => one - other)) book.#lost.set(run.pipelineRunId, run);
    return book;
  }

  /** Runs with a step that runs, or with something that the journal does not know yet. */
  live(): PipelineRun[] {
    return [...this.#live.values()];
  }

  /** Those, and the ones with a lost step that may come back. */
  recent(): PipelineRun[] {
    return [...this.#live.values(), ...this.#lost.values()];
  }

  async find(pipelineRunId: string): Promise<PipelineRun | undefined> {
    const kept = this.#live.get(pipelineRunId) ?? this.#lost.get(pipelineRunId);
    return kept ?? (await this.#store.get<PipelineRun>(TABLES.pipelineRun, pipelineRunId));
  }

  /** A pipeline's last run. Throws STEPWELL_PIPELINE_UNKNOWN. */
  async lastRun(pipelineName: string): Promise<PipelineRun> {
    const row = await this.#store.get<PipelineRow>(TABLES.pipeline, pipelineName);
    const run = row && (await this.find(row.lastRunId));
    if (run) return run;
    const sentence = `There is no pipeline ${JSON.stringify(pipelineName)}.`;
    throw new StepwellError("STEPWELL_PIPELINE_UNKNOWN", sentence);
  }

  /** Writes a run; unless `sync` is false it is on disk when this resolves. */
  async put(run: PipelineRun, { sync } = { sync: true }): Promise<void> {
    const { pipelineRunId, pipelineName, startMs } = run;
    const isLive = goesOn(run);
    const isLost = !isLive && lastLostMs(run) !== undefined;
    const before = pipelineName && (await this.#store.get<PipelineRow>(TABLES.pipeline, pipelineName));
    const isLast = pipelineName !== "" && (!before || before.startMs <= startMs);
    const row: PipelineRow = { lastRunId: pipelineRunId, startMs };
    const [oldest] = this.#lost.size < LOST_PIPELINE_RUNS_MAX ? [] : this.#lost.keys();
    const forgotten = isLost && !this.#lost.has(pipelineRunId) ? oldest : undefined;
    await this.#store.write(
      [
        { table: TABLES.pipelineRun, key: pipelineRunId, value: run },
        { table: TABLES.livePipelineRun, key: pipelineRunId, value: isLive || isLost ? true : undefined },
        ...(isLast ? [{ table: TABLES.pipeline, key: pipelineName, value: row }] : []),
        ...(forgotten ? [{ table: TABLES.livePipelineRun, key: forgotten, value: undefined }] : []),
      ],
      { sync },
    );
    if (forgotten) this.#lost.delete(forgotten);
    this.#live.delete(pipelineRunId);
    this.#lost.delete(pipelineRunId);
    if (isLive) this.#live.set(pipelineRunId, run);
    else if (isLost) this.#lost.set(pipelineRunId, run);
  }
}

/** Whether a step runs, or the journal does not know all of the run. */
function goesOn({ pending, steps }: PipelineRun): boolean {
  return pending.length > 0 || steps.some(({ state }) => state.kind === "running");
}

/** When the last of its lost steps was lost; undefined where none was. */
function lastLostMs({ steps }: PipelineRun): number | undefined {
  const times = steps.flatMap(({ state }) => (state.kind === "lost" ? [state.endMs] : []));
  return times.length > 0 ? Math.max(...times) : undefined;
}
