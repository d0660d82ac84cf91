/**
 * The caller's side of the way to the daemon: gathers entries, cuts batches, hands them to
 * the sender's thread.
 *
 * A batch is cut by a timer when the event loop turns, and inside a log call when it
 * doesn't: a training loop that never yields still streams. Nothing here waits.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { BATCH_BYTES_MAX, CLOSE_WAIT_MS } from "./contract.js";
import { Counters } from "./counters.js";
import { clientFault, type Fault } from "./errors.js";
import { BATCH_BYTES_MIN, LINGER_MS, SMALL_BATCHES_HELD_MAX } from "./limits.js";
import { type EndedRun, tellEnd } from "./notices.js";
import type { EncodedBatch, RunBuffer } from "./run-buffer.js";
import { RunIds } from "./run-ids.js";
import { processIdentity } from "./sender/process-identity.js";
import type { Order, Report, SenderStart } from "./sender/report.js";
import type { ClientSettings } from "./settings.js";
import { type Logged, PAYLOAD_BYTES_MAX, Spool, type SpoolOwner } from "./spool.js";
import { CLIENT_VERSION } from "./version.js";
import { warn } from "./warning.js";

/** One producer: the entries of its runs on their way. */
export class Pipeline {
  readonly counters = new Counters();
  readonly runIds = new RunIds();
  readonly #bufferBytesMax: number;
  readonly #worker: Worker;
  readonly #workerEnded: Promise<void>;
  readonly #runs = new Set<RunBuffer>();
  readonly #timer: NodeJS.Timeout;
  #fault: Fault | undefined;
  #trouble: Fault | undefined;
  #isStopped = false;
  #isExiting = false;
  readonly #told: EndedRun[] = [];
  #lastSequence = 0;
  #cutBytes = 0;
  #cutEntries = 0;
  #pendingBytes = 0;
  #pendingEntries = 0;
  #dropped = 0;
  /** Of the monotonic clock, as all that waits: the wall clock names points, and may jump. */
  #dueMs = 0;
  #dueBytes = BATCH_BYTES_MAX;
  /** What the buffer may still take, when the counters were last looked at. */
  #room: number;

  readonly #spool: Spool | undefined;
  #openings = 0;
  #isKeeping = false;

  constructor(settings: ClientSettings) {
    const owner = { producerId: randomBytes(16), process: processIdentity(), clientVersion: CLIENT_VERSION };
    this.#spool = this.#openSpool(settings.home, owner);
    this.#bufferBytesMax = settings.bufferBytesMax;
    this.#room = settings.bufferBytesMax;
    const workerData: SenderStart = {
      settings,
      counters: this.counters.memory,
      ...owner,
    };
    this.#worker = new Worker(new URL("./sender/worker.js", import.meta.url), { workerData, execArgv: [] });
    this.#workerEnded = new Promise((resolve) => this.#worker.once("exit", () => resolve()));
    this.#worker.on("message", (report: Report) => this.#reported(report));
    this.#worker.on("error", (error) => this.#failed(clientFault("STEPWELL_INTERNAL", error.message)));
    // Neither the thread nor the timer keeps a process alive that has nothing else to do.
    this.#worker.unref();
    this.#timer = setTimeout(() => this.#tick(), LINGER_MS).unref();
  }

  /** Why nothing is sent any more, if so. */
  get fault(): Fault | undefined {
    return this.#fault;
  }

  /** Why there is no connection just now, if so. */
  get trouble(): Fault | undefined {
    return this.#trouble;
  }

  /** Entries that were not taken. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Bytes that wait for an acknowledgement, those not sent yet included. */
  get bufferedBytes(): number {
    return this.#pendingBytes + this.#cutBytes - this.counters.get("acknowledgedBytes");
  }

  /** The sequence through which all that was cut is acknowledged once it is reached. */
  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** Whether nothing waits to be cut or acknowledged. */
  get isEmpty(): boolean {
    return this.#pendingBytes === 0 && this.counters.get("acknowledgedSequence") >= this.#lastSequence;
  }

  /** Whether what was logged outlives this process. */
  get isKept(): boolean {
    return this.#spool?.takesMore === true;
  }

  /** The number of a run's opening. */
  nextOpening(): number {
    this.#openings += 1;
    return this.#openings;
  }

  /** Takes part in every cut from now on. */
  addRun(run: RunBuffer): void {
    this.#runs.add(run);
    this.runIds.add(run.runId);
  }

  /** Whether the buffer takes so many bytes; when not, the entries are counted as dropped. */
  admit(bytes: number, entries: number): boolean {
    if (bytes > this.#room) this.#room = this.#bufferBytesMax - this.bufferedBytes;
    if (bytes <= this.#room && this.#fault === undefined) return true;
    this.#dropped += entries;
    if (this.#fault === undefined) {
      const sentence = `More than ${this.#bufferBytesMax} bytes wait for the daemon: the newest entries are dropped.`;
      warn(clientFault("STEPWELL_BUFFER_FULL", sentence), this);
    }
    return false;
  }

  /** Notes what a run has taken in. Cuts batches when it is time. */
  added(bytes: number, entries: number): void {
    const nowMs = performance.now();
    if (this.#pendingBytes === 0) {
      this.#dueMs = nowMs + LINGER_MS;
      this.#timer.refresh();
    }
    this.#pendingBytes += bytes;
    this.#pendingEntries += entries;
    this.#room -= bytes;
    if (!this.#isKeeping) {
      this.#isKeeping = true;
      // Behind what runs now, and before anything else does.
      queueMicrotask(() => this.keep());
    }
    if (nowMs >= this.#dueMs || this.#pendingBytes >= this.#dueBytes) this.#cutIfWorthwhile(nowMs);
  }

  /** Writes what was logged since to the spool. */
  keep(): void {
    this.#isKeeping = false;
    if (this.#spool === undefined) return;
    const logged: Logged[] = [];
    for (const run of this.#runs) {
      const { runId, opening } = run;
      for (const fields of run.keep(PAYLOAD_BYTES_MAX)) logged.push({ runId, opening, fields });
    }
    if (logged.length === 0) return;
    const fault = this.#spool.append(logged, this.counters.get("acknowledgedSequence"));
    if (fault !== undefined) warn(fault, this);
  }

  /** All is on the daemon's disk: the spool is for nothing. */
  removeSpool(): void {
    this.#spool?.remove();
  }

  /** Cuts all that waits, however little. Whether it could: not before the daemon told its limits. */
  cutAll(): boolean {
    const limitBytes = this.counters.get("messageBytesMax");
    if (limitBytes === 0 || this.#fault !== undefined) return this.#pendingBytes === 0;
    this.keep();
    const bytesMax = Math.max(BATCH_BYTES_MIN, Math.min(limitBytes, BATCH_BYTES_MAX));
    const acknowledged = this.counters.get("acknowledgedSequence");
    for (const run of this.#runs) {
      this.#cutRun(run, bytesMax);
      if (run.isEnded && run.lastSequence <= acknowledged) this.#runs.delete(run);
    }
    this.#pendingBytes = 0;
    this.#pendingEntries = 0;
    this.#dueBytes = BATCH_BYTES_MAX;
    return true;
  }

  /** Has people told what became of a run that was just ended, once the daemon has its end. */
  tell(run: EndedRun): void {
    if (this.#isExiting) this.#told.push(run);
    else this.#order({ kind: "ended", run });
  }

  /** From now on no event is delivered: what is told of ends is told by `tellNow`. */
  exit(): void {
    this.#isExiting = true;
  }

  /** Tells of the runs that the exit ended: all of it is on disk. */
  tellNow(): void {
    for (const run of this.#told.splice(0)) tellEnd(run, "");
  }

  /** Entries that no acknowledgement has come for. */
  get unacknowledgedEntries(): number {
    const cut =
      this.#cutEntries - this.counters.get("acknowledgedEntries") - this.counters.get("rejectedEntries");
    return this.#pendingEntries + Math.max(0, cut);
  }

  /** Tells the sender to end the producer once all is acknowledged. Waits for it, for a bounded time. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#order({ kind: "close" });
    const overdue = new AbortController();
    const wait = sleep(CLOSE_WAIT_MS, undefined, { signal: overdue.signal }).catch(() => undefined);
    await Promise.race([this.#workerEnded, wait]);
    // A timer that is left would keep the process alive.
    overdue.abort();
  }

  /** Ends the sender's thread at once. */
  async terminate(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#worker.terminate();
  }

  #cutRun(run: RunBuffer, bytesMax: number): void {
    const batches: EncodedBatch[] = [];
    for (;;) {
      const batch = run.cut(this.#lastSequence + 1, bytesMax);
      if (batch === undefined) break;
      this.#lastSequence = batch.sequence;
      this.#cutBytes += batch.bytes.length;
      this.#cutEntries += batch.entries;
      batches.push(batch);
    }
    // Before any is sent: whoever finds the spool knows what the daemon may have.
    const fault = batches.length > 0 ? this.#spool?.mark(run.opening, this.#lastSequence) : undefined;
    if (fault !== undefined) warn(fault, this);
    for (const batch of batches) this.#order({ kind: "batch", batch }, [batch.bytes.buffer]);
  }

  #openSpool(home: string | undefined, owner: SpoolOwner): Spool | undefined {
    // The daemon of a given endpoint may have any home.
    const spool = home === undefined ? undefined : Spool.open(home, owner);
    if (spool === undefined || spool instanceof Spool) return spool;
    warn(spool, this);
    return undefined;
  }

  #order(order: Order, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(order, transfer);
  }

  #tick(): void {
    if (this.#pendingBytes === 0) return;
    this.#cutIfWorthwhile(performance.now());
    // Before the daemon told its limits there is nothing to try: #reported does it then.
    if (this.#pendingBytes > 0 && this.counters.get("messageBytesMax") > 0) this.#timer.refresh();
  }

  #cutIfWorthwhile(nowMs: number): void {
    this.#dueMs = nowMs + LINGER_MS;
    this.#dueBytes = this.#pendingBytes + BATCH_BYTES_MAX;
    const held = this.#lastSequence - this.counters.get("acknowledgedSequence");
    if (held < SMALL_BATCHES_HELD_MAX || this.#pendingBytes >= BATCH_BYTES_MAX) this.cutAll();
  }

  #reported(report: Report): void {
    switch (report.kind) {
      case "welcomed":
        this.cutAll();
        break;
      case "homeChanged":
        for (const run of this.#runs) this.#pendingBytes += run.startAgain();
        this.cutAll();
        break;
      case "warning":
        warn(report.fault, this);
        break;
      case "trouble":
        this.#trouble = report.fault;
        break;
      case "failed":
        this.#failed(report.fault);
        break;
    }
  }

  #failed(fault: Fault): void {
    if (this.#fault !== undefined) return;
    this.#fault = fault;
    warn(fault, this);
  }
}
