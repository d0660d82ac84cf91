/** A thread that answers questions about a local tracker's file, one after the other. It runs while somebody asks. */
import { Worker } from "node:worker_threads";
import { RequestFault } from "../requests/request-fault.js";
import type { Place } from "./database.js";
import type { Question, Reply } from "./local-messages.js";

/** Questions that may wait for it; the next one is told to come again. */
const WAITING_MAX = 256;

interface Waiting {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Waiting[];
  readonly ended: Promise<void>;
  /** Ends it when nobody asks for a while. */
  idle: NodeJS.Timeout | undefined;
}

export class QueryThread {
  readonly #entry: URL;
  readonly #place: Place;
  readonly #idleMs: number;
  #thread: Thread | undefined;
  /** Threads that close the file. */
  readonly #ending = new Set<Promise<void>>();
  #isClosed = false;

  constructor(entry: URL, place: Place, idleMs: number) {
    this.#entry = entry;
    this.#place = place;
    this.#idleMs = idleMs;
  }

  /** Asks it. Rejects with a RequestFault where the question has to come again. */
  async ask(question: Question): Promise<Reply> {
    if (this.#isClosed) throw unavailable("The tracker is being closed.");
    if ((this.#thread?.waiting.length ?? 0) >= WAITING_MAX)
      throw unavailable(`${WAITING_MAX} requests wait for ${this.#place.databasePath} already.`);
    this.#thread ??= this.#start();
    return await this.#askOf(this.#thread, question);
  }

  /** Answers what was asked before, then closes the file and ends. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#thread) await this.#end(this.#thread);
    await Promise.all(this.#ending);
  }

  async #end(thread: Thread): Promise<void> {
    clearTimeout(thread.idle);
    const ending = (async () => {
      await this.#askOf(thread, { kind: "close" }).catch(() => undefined);
      thread.worker.ref();
      await thread.ended;
    })();
    // The next question starts another.
    if (this.#thread === thread) this.#thread = undefined;
    this.#ending.add(ending);
    await ending;
    this.#ending.delete(ending);
  }

  #askOf(thread: Thread, question: Question): Promise<Reply> {
    const { worker, waiting } = thread;
    clearTimeout(thread.idle);
    return new Promise((resolve, reject) => {
      worker.postMessage(question);
      waiting.push({ resolve, reject });
      worker.ref();
    });
  }

  #start(): Thread {
    // Without the process's own Node options: some of them are for a main thread only.
    const worker = new Worker(this.#entry, { workerData: this.#place, execArgv: [] });
    const waiting: Waiting[] = [];
    let why = "it ended";
    worker.on("message", (reply: Reply) => {
      waiting.shift()?.resolve(reply);
      // It keeps the process alive only while somebody waits for an answer.
      if (waiting.length > 0) return;
      worker.unref();
      if (reply.kind !== "closed")
        thread.idle = setTimeout(() => void this.#end(thread), this.#idleMs).unref();
    });
    worker.on("error", (error) => {
      why = error.message;
    });
    const ended = new Promise<void>((resolve) => {
      worker.on("exit", () => {
        clearTimeout(thread.idle);
        // The next question starts another.
        if (this.#thread?.worker === worker) this.#thread = undefined;
        for (const { reject } of waiting.splice(0))
          reject(unavailable(`The thread that reads ${this.#place.databasePath} failed: ${why}.`));
        resolve();
      });
    });
    const thread: Thread = { worker, waiting, ended, idle: undefined };
    return thread;
  }
}

/** It has to come again. */
export function unavailable(message: string): RequestFault {
  return new RequestFault("TEMPORARILY_UNAVAILABLE", message);
}
