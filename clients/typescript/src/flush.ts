/** Waiting until the daemon has it all: with the event loop, or without it when a process ends. */
import { setTimeout as sleep } from "node:timers/promises";
import { clientFault, type Fault, StepwellClientError } from "./errors.js";
import type { Patience } from "./patience.js";
import type { Pipeline } from "./pipeline.js";

/** How often a flush looks at the counters: they are memory, so that looking costs nothing. */
const LOOK_MS = 1;

/** Something to be done when a flush has taken so long. */
export interface Slow {
  readonly afterMs: number;
  readonly call: () => void;
}

const NEVER: Slow = { afterMs: Number.POSITIVE_INFINITY, call: () => undefined };

/** Resolves when everything logged before is on the daemon's disk; rejects when nothing is waited for any more. */
export async function flushPipeline(pipeline: Pipeline, patience: Patience, slow = NEVER): Promise<void> {
  let slowMs = performance.now() + slow.afterMs;
  const progress = new FlushProgress(pipeline);
  while (!progress.isDone()) {
    if (pipeline.fault !== undefined) throw new StepwellClientError(pipeline.fault);
    if (patience.leftMs(pipeline) <= 0) throw new StepwellClientError(overdue(pipeline, patience));
    if (performance.now() >= slowMs) {
      slowMs = Number.POSITIVE_INFINITY;
      slow.call();
    }
    await sleep(LOOK_MS);
  }
}

/** The same while the process ends: blocks this thread. Why it is not done, if so. */
export function flushPipelineNow(pipeline: Pipeline, patience: Patience, slow = NEVER): Fault | undefined {
  let slowMs = performance.now() + slow.afterMs;
  const progress = new FlushProgress(pipeline);
  for (;;) {
    const mark = pipeline.counters.mark();
    if (progress.isDone()) return undefined;
    const leftMs = patience.leftMs(pipeline);
    if (leftMs <= 0 || pipeline.counters.get("failed") !== 0) return overdue(pipeline, patience);
    const untilSlowMs = slowMs - performance.now();
    if (untilSlowMs <= 0) {
      slowMs = Number.POSITIVE_INFINITY;
      slow.call();
    }
    pipeline.counters.waitForChange(mark, Math.min(leftMs, Math.max(1, slowMs - performance.now())));
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
