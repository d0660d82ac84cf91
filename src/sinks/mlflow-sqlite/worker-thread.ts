import { Worker } from "node:worker_threads";
import { StepwellError } from "../../errors/stepwell-error.js";
import type { Answer, Request } from "./messages.js";
import type { WriterOptions } from "./writer.js";

interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** One worker thread with its database: asks it, and fails what is open when it ends. */
export class WorkerThread {
  readonly #worker: Worker;
  readonly #pending: Pending[] = [];
  readonly #ended: Promise<void>;
  #hasEnded = false;

  constructor(options: WriterOptions, entry = new URL("./worker.js", import.meta.url)) {
    // Without the process's own Node options: some of them are for a main thread only.
    this.#worker = new Worker(entry, { workerData: options, execArgv: [] });
    this.#worker.on("message", (answer: Answer) => this.#settle((pending) => pending.resolve(answer)));
    let why = "it ended";
    this.#worker.on("error", (error) => {
      why = error.message;
    });
    this.#ended = new Promise((resolve) => {
      this.#worker.on("exit", () => {
        this.#hasEnded = true;
        const fault = new StepwellError(
          "STEPWELL_DATABASE_FAILED",
          `The thread that writes to ${options.databasePath} failed: ${why}.`,
        );
        while (this.#pending.length > 0) this.#settle((pending) => pending.reject(fault));
        resolve();
      });
    });
    // It keeps the process alive only while somebody waits for an answer.
    this.#worker.unref();
  }

  /** Whether it can still be asked. */
  get isAlive(): boolean {
    return !this.#hasEnded;
  }

  get isBusy(): boolean {
    return this.#pending.length > 0;
  }

  /** Sends a request; buffers in the transfer list are gone here afterwards. Rejects when the worker ends. */
  ask(request: Request, transfer: ArrayBuffer[] = []): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#worker.postMessage(request, transfer);
      this.#pending.push({ resolve, reject });
      this.#worker.ref();
    });
  }

  /**
   * Closes the database after what was asked before, and ends the thread. Has no deadline: a thread in a disk
   * that hangs can't be ended alone, so the daemon's end has one.
   */
  async close(): Promise<void> {
    if (this.isAlive) await this.ask({ kind: "close" }).catch(() => undefined);
    // The process waits for the thread: an unfinished close would be an unfinished write.
    if (this.isAlive) this.#worker.ref();
    await this.#ended;
  }

  #settle(settle: (pending: Pending) => void): void {
    const pending = this.#pending.shift();
    if (pending) settle(pending);
    if (this.#pending.length === 0) this.#worker.unref();
  }
}
