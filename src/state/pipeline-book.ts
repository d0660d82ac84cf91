/**
 * Pipeline runs in the state store, one row each, so that a change of a step and what it
 * means for the others is one synced write. Memory holds those that go on.
 */
import { StepwellError } from "../errors/stepwell-error.js";
import { LOST_PIPELINE_RUNS_MAX } from "../model/limits.js";
import type { Store } from "../store/store.js";
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
  /** Runs with a step that was lost and may come back, the latest last. */
  readonly #ended = new Map<string, PipelineRun>();

  private constructor(store: Store) {
    this.#store = store;
  }

  /** Reads the runs that go on. */
  static async open(store: Store): Promise<PipelineBook> {
    const book = new PipelineBook(store);
    for await (const { key } of store.rows<true>(TABLES.livePipelineRun, "")) {
      const run = await store.get<PipelineRun>(TABLES.pipelineRun, key);
      if (run) book.#live.set(key, run);
    }
    return book;
  }

  /** Runs of which a step runs, or of which the journal does not know all. */
  live(): PipelineRun[] {
    return [...this.#live.values()];
  }

  /** Those, and the ones that ended last: a step of theirs may come back. */
  recent(): PipelineRun[] {
    return [...this.#live.values(), ...this.#ended.values()];
  }

  async find(pipelineRunId: string): Promise<PipelineRun | undefined> {
    const kept = this.#live.get(pipelineRunId) ?? this.#ended.get(pipelineRunId);
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
    const isLive = run.pending !== undefined || run.steps.some(({ state }) => state.kind === "running");
    const before = pipelineName && (await this.#store.get<PipelineRow>(TABLES.pipeline, pipelineName));
    const isLast = pipelineName !== "" && (!before || before.startMs <= startMs);
    const row: PipelineRow = { lastRunId: pipelineRunId, startMs };
    await this.#store.write(
      [
        { table: TABLES.pipelineRun, key: pipelineRunId, value: run },
        { table: TABLES.livePipelineRun, key: pipelineRunId, value: isLive ? true : undefined },
        ...(isLast ? [{ table: TABLES.pipeline, key: pipelineName, value: row }] : []),
      ],
      { sync },
    );
    this.#live.delete(pipelineRunId);
    this.#ended.delete(pipelineRunId);
    if (isLive) this.#live.set(pipelineRunId, run);
    else if (run.steps.some(({ state }) => state.kind === "lost")) this.#ended.set(pipelineRunId, run);
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > LOST_PIPELINE_RUNS_MAX && oldest !== undefined) this.#ended.delete(oldest);
  }
}
