/**
 * Takes over a spool whose process is gone: the daemon speaks for its producer, and takes what it has not
 * journaled as if the producer had sent it.
 *
 * It may end at any point. What was journaled has its sequence in the journal, so the next try goes on there.
 */
import { createHash } from "node:crypto";
import { StepwellError } from "../errors/stepwell-error.js";
import type { Door } from "../ingest/door.js";
import { identityOf, processOf } from "../ingest/process-of.js";
import type { ProducerIdentity } from "../ingest/producers.js";
import type { Adoption, Reception } from "../ingest/reception.js";
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
  options: TakeoverOptions,
  file: SpoolFile,
  head: SpoolHead,
  canComeBack: boolean,
): Promise<Takeover | undefined> {
  const who = { ...head, process: head.process && identityOf(head.process) };
  const adoption = await options.reception.adopt(who, canComeBack);
  if (!adoption) return undefined;
  try {
    const { mark } = adoption;
    const index = await file.index((sequence) => sequence === 0 || sequence > mark.sequence);
    const planned = planBatches(index?.parts ?? []);
    const sender = new Sender(options, file, head);
    for (const batch of planned.filter(({ sequence }) => sequence > 0))
      await sender.send(batch, adoption, batch.sequence);
    const rest = planned.filter(({ sequence }) => sequence === 0);
    if (rest.length > 0) await sendAsHeir(options, sender, who, rest);
    await sender.settled(adoption);
    return { ...sender.sums, torn: index?.torn ?? 0 };
  } finally {
    adoption.end("ended");
  }
}

/**
 * Sends what has no sequence as another producer, whose sequences begin at 1: a process that was only thought gone
 * goes on with its own, and none of them is taken.
 */
async function sendAsHeir(
  { reception }: TakeoverOptions,
  sender: Sender,
  who: ProducerIdentity,
  batches: readonly PlannedBatch[],
): Promise<void> {
  const heir = await reception.adopt({ ...who, producerId: heirOf(who.producerId, batches) }, true);
  if (!heir) return;
  let isDone = false;
  try {
    for (const [at, batch] of batches.entries())
      if (at + 1 > heir.mark.sequence) await sender.send(batch, heir, at + 1);
    await sender.settled(heir);
    isDone = true;
  } finally {
    // Its mark has to outlive the spool, which may be read again after any restart or power cut.
    heir.end(isDone ? "done" : "ended");
  }
}

/** The same for the same entries: whoever takes over the same spool again finds how far that was done. */
function heirOf(producerId: string, batches: readonly PlannedBatch[]): string {
  const hash = createHash("sha256").update(producerId);
  for (const { parts } of batches)
    for (const { number, offset, rows } of parts) hash.update(` ${number} ${offset} ${rows}`);
  return hash.digest("hex").slice(0, 32);
}

class Sender {
  readonly #door: TakeoverOptions["door"];
  readonly #file: SpoolFile;
  readonly #process: ProcessId | undefined;
  readonly #waiting = new Set<Promise<void>>();
  #appendedBytes = 0;
  #fault: StepwellError | undefined;
  readonly sums = { batches: 0, entries: 0, refused: 0 };

  constructor({ door }: TakeoverOptions, file: SpoolFile, { process, producerId }: SpoolHead) {
    this.#door = door;
    this.#file = file;
    this.#process = process ?? processOf(undefined, producerId);
  }

  async send(batch: PlannedBatch, adoption: Adoption, sequence: number): Promise<void> {
    while (this.#appendedBytes > APPENDED_BYTES_MAX) await Promise.race(this.#waiting);
    this.#check(adoption);
    const bytes = await encodePlanned(this.#file, batch, sequence);
    const view = readable(bytes);
    if (!view) {
      this.sums.refused += 1;
      return;
    }
    const ticket = await this.#door.prepare(view, bytes, this.#process);
    if (this.#fault || !adoption.isCurrent()) {
      ticket.letGo();
      return this.#check(adoption);
    }
    const { points, params, tags } = headOf(view);
    this.sums.batches += 1;
    this.sums.entries += points + params + tags;
    this.sums.refused += ticket.refusals.reduce((sum, { entries }) => sum + entries, 0);
    const { producerId, mark } = adoption;
    const journaling = new Promise<void>((resolve) => {
      const failed = (error: StepwellError) => {
        this.#fault ??= error;
        resolve();
      };
      this.#door.append(ticket, { producerId, mark: { ...mark, sequence } }, { journaled: resolve, failed });
    });
    this.#appendedBytes += bytes.length;
    const settled = journaling.then(() => {
      this.#appendedBytes -= bytes.length;
      this.#waiting.delete(settled);
    });
    this.#waiting.add(settled);
  }

  /** All that was sent is on disk. Throws where it is not. */
  async settled(adoption: Adoption): Promise<void> {
    await Promise.all(this.#waiting);
    this.#check(adoption);
  }

  #check(adoption: Adoption): void {
    if (this.#fault) throw this.#fault;
    if (adoption.isCurrent()) return;
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
