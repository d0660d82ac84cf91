/** COPY ... FROM STDIN on a connection of the package pg, which itself only knows the messages of it. */
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import type { Submittable, Connection as Wire } from "pg";

/** What pg's types do not name. */
interface CopyWire extends Wire {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** Sends chunks one after the other, as fast as the socket takes them: what waits in memory is one chunk. */
export class CopyIn implements Submittable {
  /** Resolves once the server has taken all, and rejects with its error. */
  readonly done: Promise<void>;
  readonly #sql: string;
  readonly #chunks: Iterable<Buffer>;
  #resolve: () => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #isOver = false;

  constructor(sql: string, chunks: Iterable<Buffer>) {
    this.#sql = sql;
    this.#chunks = chunks;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit(wire: Wire): void {
    wire.query(this.#sql);
  }

  handleCopyInResponse(wire: CopyWire): void {
    this.#send(wire).catch((error: Error) => {
      this.#reject(error);
      // The server has to hear that the rows end here.
      wire.stream.destroy(error);
    });
  }

  handleCommandComplete(): void {}

  handleError(error: unknown): void {
    this.#isOver = true;
    this.#reject(error);
  }

  handleReadyForQuery(): void {
    this.#isOver = true;
    this.#resolve();
  }

  async #send(wire: CopyWire): Promise<void> {
    for (const chunk of this.#chunks) {
      if (this.#isOver) return;
      wire.sendCopyFromChunk(chunk);
      if (wire.stream.writableNeedDrain)
        await Promise.race([once(wire.stream, "drain"), once(wire.stream, "close")]);
      // Others wait for this thread, too.
      else await setImmediate();
    }
    if (!this.#isOver) wire.endCopyFrom();
  }
}
