/**
 * What a local tracker answers with no Python server: MLflow's REST API on the tracker's own SQLite file. Queries run in
 * a thread of their own, which starts with the first of them.
 */
import { Worker } from "node:worker_threads";
import { RequestFault } from "../requests/request-fault.js";
import type { LocalRequest } from "../requests/request-message.js";
import type { Place } from "./database.js";
import type { Question, Reply } from "./local-messages.js";
import { matchLocal } from "./local-routes.js";

/** An answer's status and its JSON. */
export interface LocalAnswer {
  readonly status: number;
  readonly body: string;
}

/** MLflow's own waits for 20 s; here others wait behind the one that does. */
const BUSY_TIMEOUT_MS = 10_000;

/** How long its thread stays when nobody asks: it holds what a grammar and its rows take. */
const IDLE_MS = 60_000;

/** What may be otherwise than usual. */
export interface LocalStoreOptions {
  readonly databasePath: string;
  /** Where artifacts of new experiments go: a path or an URI. */
  readonly artifactRoot: string;
  /** Whether programs get artifacts of the root as `mlflow-artifacts:`. */
  readonly servesArtifacts?: boolean;
  readonly busyTimeoutMs?: number;
  readonly idleMs?: number;
  /** The thread's module. */
  readonly entry?: URL;
}

/** Requests that may wait for the thread; the next one is told to come again. */
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

export class LocalStore {
  readonly #place: Place;
  readonly #entry: URL;
  readonly #idleMs: number;
  #thread: Thread | undefined;
  /** Threads that close the file. */
  readonly #ending = new Set<Promise<void>>();
  #isClosed = false;

  constructor(options: LocalStoreOptions) {
    const { databasePath, artifactRoot, servesArtifacts = false, busyTimeoutMs = BUSY_TIMEOUT_MS } = options;
    this.#place = { databasePath, artifactRoot, servesArtifacts, busyTimeoutMs };
    this.#idleMs = options.idleMs ?? IDLE_MS;
    this.#entry = options.entry ?? new URL("./local-thread.js", import.meta.url);
  }

  /** Whether the request's route is one of its own. */
  answers(method: string, path: string): boolean {
    return matchLocal(method, path) !== undefined;
  }

  /** Answers a request. Rejects with a RequestFault for one that MLflow would refuse, or that has to come again. */
  async answer({ method, path, query, body }: LocalRequest): Promise<LocalAnswer | "unknown route"> {
    const match = matchLocal(method, path);
    if (!match) return "unknown route";
    return await this.#answerOf({ kind: "request", ...match, method, path, query: [...query], body });
  }

  async #answerOf(question: Question): Promise<LocalAnswer> {
    if (this.#isClosed) throw unavailable("The tracker is being closed.");
    if ((this.#thread?.waiting.length ?? 0) >= WAITING_MAX)
      throw unavailable(`${WAITING_MAX} requests wait for ${this.#place.databasePath} already.`);
    const reply = await this.#ask(question);
    if (reply.kind === "answer") return { status: reply.status, body: reply.body };
    if (reply.kind === "fault") throw new RequestFault(reply.code, reply.message, reply.errorClass);
    throw unavailable("The tracker was closed.");
  }

  /** Answers what was asked before, then closes the file and ends the thread. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#thread) await this.#endThread(this.#thread);
    await Promise.all(this.#ending);
  }

  async #endThread(thread: Thread): Promise<void> {
    clearTimeout(thread.idle);
    const ending = (async () => {
      await this.#askOf(thread, { kind: "close" }).catch(() => undefined);
      thread.worker.ref();
      await thread.ended;
    })();
    // The next request starts another.
    if (this.#thread === thread) this.#thread = undefined;
    this.#ending.add(ending);
    await ending;
    this.#ending.delete(ending);
  }

  #ask(question: Question): Promise<Reply> {
    this.#thread ??= this.#start();
    return this.#askOf(this.#thread, question);
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
        thread.idle = setTimeout(() => void this.#endThread(thread), this.#idleMs).unref();
    });
    worker.on("error", (error) => {
      why = error.message;
    });
    const ended = new Promise<void>((resolve) => {
      worker.on("exit", () => {
        clearTimeout(thread.idle);
        // The next request starts another.
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

function unavailable(message: string): RequestFault {
  return new RequestFault("TEMPORARILY_UNAVAILABLE", message);
}
