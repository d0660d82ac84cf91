/** Waiting until the daemon has it all: with the event loop, or without it when a process ends. */
import { setTimeout as sleep } from "node:timers/promises";
import { clientFault, type Fault, StepwellClientError } from "./errors.js";
import type { Patience } from "./patience.js";
import type { Pipeline } from "./pipeline.js";

/** How often a flush looks at the counters: they are memory, so that looking costs nothing. */
const LOOK_MS = 1;

/** Resolves when everything logged before is on the daemon's disk; rejects when nothing is waited for any more. */
export async function flushPipeline(pipeline: Pipeline, patience: Patience): Promise<void> {
  const progress = new FlushProgress(pipeline);
  while (!progress.isDone()) {
    if (pipeline.fault !== undefined) throw new StepwellClientError(pipeline.fault);
    if (patience.leftMs(pipeline) <= 0) throw new StepwellClientError(overdue(pipeline, patience));
    await sleep(LOOK_MS);
  }
}

/** The same while the process ends: blocks this thread. Why it is not done, if so. */
export function flushPipelineNow(pipeline: Pipeline, patience: Patience): Fault | undefined {
  const progress = new FlushProgress(pipeline);
  for (;;) {
    const mark = pipeline.counters.mark();
    if (progress.isDone()) return undefined;
    const leftMs = patience.leftMs(pipeline);
    if (leftMs <= 0 || pipeline.counters.get("failed") !== 0) return overdue(pipeline, patience);
    pipeline.counters.waitForChange(mark, leftMs);
  }
}

/** First all that waits must be cut, which needs the daemon's limits; then the last sequence counts. */
class FlushProgress {
  readonly #pipeline: Pipeline;
  #target: number | undefined;

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
  }

  isDone(): boolean {
    const { counters } = this.#pipeline;
    if (this.#target === undefined && this.#pipeline.cutAll()) this.#target = this.#pipeline.lastSequence;
    return this.#target !== undefined && counters.get("acknowledgedSequence") >= this.#target;
  }
}

function overdue(pipeline: Pipeline, { within }: Patience): Fault {
  const { unacknowledgedEntries, trouble, fault } = pipeline;
  const reason = fault ?? trouble;
  const because = reason === undefined ? "" : ` The last trouble: ${reason.code}: ${reason.sentence}`;
  const what = unacknowledgedEntries === 1 ? "1 entry was" : `${unacknowledgedEntries} entries were`;
  const sentence = `${what} not acknowledged ${within}.${because}`;
  return clientFault("STEPWELL_FLUSH_TIMEOUT", sentence);
}
