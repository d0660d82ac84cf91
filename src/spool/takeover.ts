/**
 * Takes over a spool whose process is gone: the daemon speaks for its producer, and takes what it has not
 * journaled as if the producer had sent it.
 *
 * It may end at any point. What was journaled has its sequence in the journal, so the next try goes on there.
 */
import { StepwellError } from "../errors/stepwell-error.js";
import type { Door } from "../ingest/door.js";
import { identityOf, processOf } from "../ingest/process-of.js";
import type { Adoption, Reception } from "../ingest/reception.js";
import type { ProducerMark } from "../journal/mark.js";
import { type BatchView, headOf, viewBatch } from "../model/batch-view.js";
import type { ProcessId } from "../model/process.js";
import { encodePlanned, type PlannedBatch, planBatches } from "./batches.js";
import type { SpoolHead } from "./format.js";
import type { SpoolFile } from "./spool-file.js";

/** So much is appended and waits for an fsync. */
const APPENDED_BYTES_MAX = 4 * 1024 * 1024;

export interface TakeoverOptions {
  readonly door: Pick<Door, "prepare" | "append">;
  readonly reception: Pick<Reception, "adopt">;
}

/** What was found. */
export interface Takeover {
  readonly batches: number;
  readonly entries: number;
  /** Entries that the daemon refused. */
  readonly refused: number;
  /** Rows that were begun and not finished. */
  readonly torn: number;
}

/**
 * Journals what a spool has and the journal has not; all of it is on disk when this resolves. Undefined where a
 * stream speaks for the producer. Throws where nothing can be journaled now.
 */
export async function takeOver(
  { door, reception }: TakeoverOptions,
  file: SpoolFile,
  head: SpoolHead,
): Promise<Takeover | undefined> {
  const adoption = await reception.adopt({ ...head, process: head.process && identityOf(head.process) });
  if (!adoption) return undefined;
  try {
    const index = await file.index((sequence) => sequence === 0 || sequence > adoption.mark.sequence);
    const planned = dueOf(planBatches(index?.parts ?? []), head, adoption.mark);
    const process = processOf(undefined, head.producerId);
    const sender = new Sender(door, adoption, head.process ?? process);
    for (const [sequence, batch] of planned) await sender.send(file, batch, sequence);
    await sender.settled();
    return { ...sender.sums, torn: index?.torn ?? 0 };
  } finally {
    adoption.end();
  }
}

/** Those that the journal does not have, each with the sequence that it is sent under. */
function dueOf(
  batches: readonly PlannedBatch[],
  { lastSequence }: SpoolHead,
  mark: ProducerMark,
): [number, PlannedBatch][] {
  const noted = batches.filter(({ sequence }) => sequence > 0);
  const rest = batches.filter(({ sequence }) => sequence === 0);
  const last = Math.max(lastSequence, noted.at(-1)?.sequence ?? 0);
  // An earlier try gave these the sequences behind the last one that the producer gave out.
  const done = Math.max(0, mark.sequence - last);
  const due = [...noted, ...rest.slice(done)];
  return due.map((batch, index) => [mark.sequence + 1 + index, batch]);
}

class Sender {
  readonly #door: TakeoverOptions["door"];
  readonly #adoption: Adoption;
  readonly #process: ProcessId | undefined;
  readonly #waiting = new Set<Promise<void>>();
  #appendedBytes = 0;
  #fault: StepwellError | undefined;
  readonly sums = { batches: 0, entries: 0, refused: 0 };

  constructor(door: TakeoverOptions["door"], adoption: Adoption, process: ProcessId | undefined) {
    this.#door = door;
    this.#adoption = adoption;
    this.#process = process;
  }

  async send(file: SpoolFile, batch: PlannedBatch, sequence: number): Promise<void> {
    while (this.#appendedBytes > APPENDED_BYTES_MAX) await Promise.race(this.#waiting);
    this.#check();
    const bytes = await encodePlanned(file, batch, sequence);
    const view = readable(bytes);
    if (!view) {
      this.sums.refused += 1;
      return;
    }
    const ticket = await this.#door.prepare(view, bytes, this.#process);
    if (this.#fault || !this.#adoption.isCurrent()) {
      ticket.letGo();
      return this.#check();
    }
    const { points, params, tags } = headOf(view);
    this.sums.batches += 1;
    this.sums.entries += points + params + tags;
    this.sums.refused += ticket.refusals.reduce((sum, { entries }) => sum + entries, 0);
    const { producerId, mark } = this.#adoption;
    const journaling = new Promise<void>((resolve) => {
      this.#door.append(
        ticket,
        { producerId, mark: { epoch: mark.epoch, sequence } },
        {
          journaled: resolve,
          failed: (error) => {
            this.#fault ??= error;
            resolve();
          },
        },
      );
    });
    this.#appendedBytes += bytes.length;
    const settled = journaling.then(() => {
      this.#appendedBytes -= bytes.length;
      this.#waiting.delete(settled);
    });
    this.#waiting.add(settled);
  }

  /** All that was sent is on disk. Throws where it is not. */
  async settled(): Promise<void> {
    await Promise.all(this.#waiting);
    this.#check();
  }

  #check(): void {
    if (this.#fault) throw this.#fault;
    if (this.#adoption.isCurrent()) return;
    throw new StepwellError("STEPWELL_PRODUCER_FENCED", "The producer is back, and speaks for itself.");
  }
}

/** What can't be read is not the producer's: no client wrote it so. */
function readable(bytes: Uint8Array): BatchView | undefined {
  try {
    return viewBatch(bytes);
  } catch {
    return undefined;
  }
}
