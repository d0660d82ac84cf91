/**
 * The batches of one stream that are being prepared: at the same time, because each may wait for an
 * fsync, and handed on in their order, because an acknowledgement says "through sequence N". Behind one
 * that can't be prepared nothing is handed on any more: it would look as if that one had been.
 */
import { PREPARED_BATCHES_MAX, PREPARED_BYTES_MAX } from "../model/limits.js";
import type { Ticket } from "./door.js";

export interface PipelineListener {
  /** A batch is ready, and all before it were handed on. */
  ready(sequence: number, ticket: Ticket): void;
  /** A batch can't be prepared; all before it were handed on, and what is behind it never will be. */
  failed(error: unknown): void;
  /** There is room for more. */
  room(): void;
}

type Outcome =
  | { readonly kind: "ready"; readonly ticket: Ticket }
  | { readonly kind: "failed"; readonly error: unknown };

interface Entry {
  readonly sequence: number;
  readonly bytes: number;
  /** Undefined while it is prepared. */
  outcome: Outcome | undefined;
  isDropped: boolean;
}

export class Pipeline {
  readonly #listener: PipelineListener;
  #entries: Entry[] = [];
  #bytes = 0;

  constructor(listener: PipelineListener) {
    this.#listener = listener;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Whether nothing more should come in for now. */
  get isFull(): boolean {
    return this.#entries.length >= PREPARED_BATCHES_MAX || this.#bytes >= PREPARED_BYTES_MAX;
  }

  /** Takes the next batch; one that is ready at once goes on at once where nothing is before it. */
  push(sequence: number, bytes: number, preparing: Ticket | Promise<Ticket>): void {
    const isReady = !(preparing instanceof Promise);
    if (isReady && this.isEmpty) return this.#listener.ready(sequence, preparing);
    const entry: Entry = {
      sequence,
      bytes,
      outcome: isReady ? { kind: "ready", ticket: preparing } : undefined,
      isDropped: false,
    };
    this.#entries.push(entry);
    this.#bytes += bytes;
    if (!isReady) void this.#await(entry, preparing);
  }

  /** Lets go of all: nothing of it is handed on. */
  drop(): void {
    const dropped = this.#entries;
    this.#entries = [];
    this.#bytes = 0;
    for (const entry of dropped) {
      entry.isDropped = true;
      if (entry.outcome?.kind === "ready") entry.outcome.ticket.letGo();
    }
  }

  async #await(entry: Entry, preparing: Promise<Ticket>): Promise<void> {
    try {
      entry.outcome = { kind: "ready", ticket: await preparing };
    } catch (error) {
      entry.outcome = { kind: "failed", error };
    }
    if (!entry.isDropped) this.#handOn();
    else if (entry.outcome.kind === "ready") entry.outcome.ticket.letGo();
  }

  #handOn(): void {
    for (let [head] = this.#entries; head?.outcome; [head] = this.#entries) {
      if (head.outcome.kind === "failed") {
        this.drop();
        return this.#listener.failed(head.outcome.error);
      }
      this.#entries.shift();
      this.#bytes -= head.bytes;
      this.#listener.ready(head.sequence, head.outcome.ticket);
    }
    this.#listener.room();
  }
}
