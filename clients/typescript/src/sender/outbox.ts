/** Batches that the daemon has not acknowledged: sent in order, within the window, kept until then. */
import type { EncodedBatch } from "../run-buffer.js";
import type { Rejection } from "../wire.js";

/** What acknowledged batches held. */
export interface Acknowledged {
  readonly bytes: number;
  readonly entries: number;
  readonly points: number;
}

interface HeldBatch extends EncodedBatch {
  wasSent: boolean;
  /** Entries that the daemon refused, by kind and index: a batch that is sent again is refused again. */
  readonly refused: Map<string, number>;
}

/** Settled batches at the front of the list before it is cut. */
const FRONT_MAX = 1_024;

/** The producer's side of the sequence protocol. It does no input or output. */
export class Outbox {
  /** In the order of their sequences, without gaps; those before #front are settled. */
  #held: (HeldBatch | undefined)[] = [];
  #front = 0;
  #next = 0;
  #frontSequence = 1;
  #inFlightBytes = 0;
  #windowBytes = 0;
  #rewoundTo = 0;

  /** The lowest sequence without an acknowledgement, or the next one that will be given out. */
  get firstUnacknowledgedSequence(): number {
    return this.#frontSequence;
  }

  get isEmpty(): boolean {
    return this.#front === this.#held.length;
  }

  /** Takes a batch; its sequence is one above the last. */
  add(batch: EncodedBatch): void {
    this.#held.push({ ...batch, wasSent: false, refused: new Map() });
  }

  /** A new stream: what the daemon has is settled, the rest is sent again from the start. */
  welcome(journaledSequence: number, windowBytes: number): Acknowledged {
    this.#windowBytes = windowBytes;
    this.#inFlightBytes = 0;
    this.#rewoundTo = 0;
    this.#next = this.#front;
    return this.#settle(journaledSequence);
  }

  /** The next batch that may be sent, and whether it is for the first time. */
  take(): { readonly batch: EncodedBatch; readonly isFirst: boolean } | undefined {
    const batch = this.#held[this.#next];
    if (batch === undefined) return undefined;
    // A batch that was cut for a daemon with a larger window goes alone.
    if (this.#inFlightBytes > 0 && this.#inFlightBytes + batch.bytes.length > this.#windowBytes)
      return undefined;
    this.#next++;
    this.#inFlightBytes += batch.bytes.length;
    const isFirst = !batch.wasSent;
    batch.wasSent = true;
    return { batch, isFirst };
  }

  /** The daemon has everything through the sequence. */
  acknowledge(sequence: number): Acknowledged {
    return this.#settle(sequence);
  }

  /**
   * The daemon missed a sequence: go on from there. Batches that were under way behind
   * the gap are each answered with the same request, so only the first one counts.
   */
  rewind(expectedSequence: number): void {
    if (expectedSequence === this.#rewoundTo || expectedSequence < this.#frontSequence) return;
    this.#rewoundTo = expectedSequence;
    const target = this.#front + (expectedSequence - this.#frontSequence);
    for (let i = target; i < this.#next; i++) this.#inFlightBytes -= this.#held[i]?.bytes.length ?? 0;
    this.#next = Math.min(this.#next, target);
  }

  /** Notes a refusal. The entries newly refused, and the batch while it is held. */
  reject(rejection: Rejection): { readonly entries: number; readonly batch: EncodedBatch | undefined } {
    const batch = this.#held[this.#front + (rejection.sequence - this.#frontSequence)];
    const name = `${rejection.entryKind}:${rejection.index}`;
    if (batch === undefined || batch.refused.has(name)) return { entries: 0, batch };
    batch.refused.set(name, rejection.entries);
    return { entries: rejection.entries, batch };
  }

  #settle(sequence: number): Acknowledged {
    let [bytes, entries, points] = [0, 0, 0];
    while (this.#frontSequence <= sequence) {
      const batch = this.#held[this.#front];
      if (batch === undefined) break;
      bytes += batch.bytes.length;
      const refused = refusedIn(batch);
      entries += batch.entries - refused.entries;
      points += batch.points - refused.points;
      if (this.#front < this.#next) this.#inFlightBytes -= batch.bytes.length;
      else this.#next++;
      this.#held[this.#front++] = undefined;
      this.#frontSequence++;
    }
    this.#compact();
    return { bytes, entries, points };
  }

  #compact(): void {
    if (this.#front < FRONT_MAX && this.#front < this.#held.length) return;
    this.#held = this.#held.slice(this.#front);
    this.#next -= this.#front;
    this.#front = 0;
  }
}

const METRIC = "1:";

function refusedIn(batch: HeldBatch): { entries: number; points: number } {
  let [entries, points] = [0, 0];
  for (const [name, count] of batch.refused) {
    // A refused start or end is no entry in the caller's count.
    if (name.startsWith("4:") || name.startsWith("5:")) continue;
    entries += count;
    if (name.startsWith(METRIC)) points += count;
  }
  return { entries, points };
}
