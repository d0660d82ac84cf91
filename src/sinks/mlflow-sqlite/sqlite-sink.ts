/**
 * The sink of the embedded default backend: an MLflow database in a SQLite file.
 *
 * All SQLite work runs in a worker thread, because every call of it blocks. The worker
 * starts with the first request and ends when there was nothing to do for a while.
 */
import { StepwellError, toStepwellError } from "../../errors/stepwell-error.js";
import type { Clock } from "../../model/clock.js";
import type { CursorAnswer, CursorQuestion } from "../../model/cursor.js";
import type { MetricRows, Pack } from "../../model/pack.js";
import { isSameFile, NO_MARK } from "../../model/store-mark.js";
import { withParents } from "../parent-tag.js";
import type { CursorKeeper, Outcome, Sink, SinkLimits, StoreLook } from "../sink.js";
import type { StoreMemory } from "../store-memory.js";
import { statFile } from "./file-state.js";
import type { Answer, Request } from "./messages.js";
import { WorkerThread } from "./worker-thread.js";
import type { Kept } from "./writer.js";

/** Which database, and what the sink needs of the daemon. */
export interface SqliteSinkOptions {
  /** Absolute path of the SQLite file; made at the first send where it is missing. */
  readonly databasePath: string;
  /** Absolute path of the folder that MLflow puts artifacts in. */
  readonly artifactRoot: string;
  /** The daemon's home: a database in it is not made where the home is gone. */
  readonly home?: string;
  readonly clock: Clock;
  /** Our id of a run, by that or by one that a server gave it; without it ids stay as they are. */
  readonly ownId?: (runId: string) => Promise<string>;
  /** Told of the ids of runs' experiments, at least once for each run, before it counts as delivered. */
  readonly onExperiments?: (experimentIds: ReadonlyMap<string, string>) => Promise<void>;
  /** What the home remembers of the database; without it nothing is. */
  readonly memory?: StoreMemory;
  /** How long the worker stays with nothing to do; 30 s unless given. */
  readonly idleMs?: number;
}

const NO_MEMORY: StoreMemory = {
  mark: () => NO_MARK,
  isUnclean: () => false,
  keep: async () => undefined,
  note: () => undefined,
  wentBack: async () => undefined,
};

/**
 * One transaction: some 30 to 100 ms of work, or 130 for so many short runs, which is how long MLflow may find the lock
 * taken. Each ends with syncs that take half as long again on a slow disk: of 200 runs each, a fifth fewer runs a second
 * were delivered.
 */
const LIMITS: SinkLimits = { pointsMax: 10_000, textsMax: 2_000, packsMax: 300, requestsMax: 1 };
const IDLE_MS = 30_000;

/**
 * The sink of one SQLite file. Opens and makes nothing before it is used, and does not throw.
 *
 * send takes the packs' columns with it: a pack can be sent once.
 */
export function openSqliteSink(options: SqliteSinkOptions): Sink {
  return new SqliteSink(options);
}

class SqliteSink implements Sink, CursorKeeper {
  readonly limits = LIMITS;
  readonly cursors = this;
  readonly #memory: StoreMemory;
  readonly #options: SqliteSinkOptions;
  readonly #taken = new WeakSet<MetricRows>();
  #worker: WorkerThread | undefined;
  #idle: NodeJS.Timeout | undefined;
  /** The ends of workers that had nothing to do: a process must not exit before. */
  #resting: Promise<unknown> = Promise.resolve();
  readonly #sending = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(options: SqliteSinkOptions) {
    this.#options = options;
    this.#memory = options.memory ?? NO_MEMORY;
  }

  async send(packs: readonly Pack[]): Promise<Outcome[]> {
    const transfer = packs.flatMap((pack) => this.#take(pack.metrics));
    // What began before the sink was closed goes through; its way to the worker has steps that wait.
    const sending = this.#send(packs, transfer, this.#isClosed);
    this.#sending.add(sending);
    return await sending.finally(() => this.#sending.delete(sending));
  }

  /** Never rejects. */
  async #send(packs: readonly Pack[], transfer: ArrayBuffer[], isRefused: boolean): Promise<Outcome[]> {
    try {
      if (isRefused) throw closedFault();
      if (!this.#memory.mark().isOpen) await this.#memory.keep({ isOpen: true });
      const translated = await Promise.all(packs.map((pack) => this.#translated(pack)));
      const nowMs = this.#options.clock.nowMs();
      const answer = await this.#ask(
        { kind: "send", packs: translated, nowMs, guarded: this.#guarded() },
        transfer,
      );
      if (answer.kind !== "sent") throw faultOf(answer);
      const { kept } = answer;
      if (kept?.wentBack) await this.#memory.wentBack(kept.writes);
      else if (kept) this.#memory.note({ ...pick(kept), isRenewed: false });
      if (answer.experimentIds.size > 0) await this.#options.onExperiments?.(answer.experimentIds);
      return answer.outcomes;
    } catch (error) {
      const { code, message } = toStepwellError(error);
      return packs.map(() => ({ kind: "retry", scope: "backend", code, reason: message }));
    }
  }

  async look(homeId: string): Promise<StoreLook> {
    const mark = this.#memory.mark();
    if (!this.#memory.isUnclean() && isSameFile(await statFile(this.#options.databasePath), mark.file))
      return { kind: "as left" };
    const answer = await this.#ask({ kind: "look", homeId, guarded: this.#guarded() });
    if (answer.kind !== "looked") throw faultOf(answer);
    const { kept } = answer;
    if (kept.wentBack) return { kind: "went back", writes: kept.writes };
    // What is written meanwhile is newer.
    if (this.#memory.mark() === mark) this.#memory.note({ file: kept.file });
    return { kind: "as left" };
  }

  async standing(questions: readonly CursorQuestion[]): Promise<CursorAnswer[]> {
    const answer = await this.#ask({ kind: "stand", questions, guarded: this.#guarded() });
    if (answer.kind !== "stands") throw faultOf(answer);
    return answer.answers;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#idle);
    await Promise.all(this.#sending);
    await Promise.all([this.#resting, this.#worker?.close()]);
    this.#worker = undefined;
  }

  /** The pack with our ids of runs in its tags: the database has no others. Its records stay here: they would be copied. */
  async #translated(whole: Pack): Promise<Pack> {
    const { ownId } = this.#options;
    const pack = { ...whole, records: [], recordsThrough: [] };
    return ownId ? { ...pack, tags: await withParents(pack.tags, ownId) } : pack;
  }

  #guarded() {
    return { mark: this.#memory.mark(), isUnclean: this.#memory.isUnclean() };
  }

  /** The columns' memory, which moves to the worker. Throws a RangeError for rows that were sent before. */
  #take(rows: MetricRows): ArrayBuffer[] {
    if (this.#taken.has(rows)) throw new RangeError("a pack can be sent once: its columns went with it");
    this.#taken.add(rows);
    return [rows.keyIndexes.buffer, rows.steps.buffer, rows.timestampsMs.buffer, rows.values.buffer];
  }

  async #ask(request: Request, transfer: ArrayBuffer[] = []): Promise<Answer> {
    if (this.#isClosed && request.kind !== "send") throw closedFault();
    clearTimeout(this.#idle);
    if (!this.#worker?.isAlive) {
      const { databasePath, artifactRoot, home } = this.#options;
      this.#worker = new WorkerThread({ databasePath, artifactRoot, home });
    }
    const worker = this.#worker;
    try {
      return await worker.ask(request, transfer);
    } finally {
      if (!worker.isBusy) this.#rest(worker);
    }
  }

  /** Ends the worker when nothing comes for a while. */
  #rest(worker: WorkerThread): void {
    clearTimeout(this.#idle);
    if (this.#isClosed || !worker.isAlive) return;
    this.#idle = setTimeout(() => {
      if (this.#worker === worker) this.#worker = undefined;
      this.#resting = Promise.all([this.#resting, worker.close()]);
    }, this.#options.idleMs ?? IDLE_MS).unref();
  }
}

function pick({ homeId, writes, file }: Kept) {
  return { homeId, writes, file };
}

function closedFault(): StepwellError {
  return new StepwellError("STEPWELL_DAEMON_STOPPING", "The sink is closed.");
}

function faultOf(answer: Answer): StepwellError {
  if (answer.kind === "failed") return new StepwellError(answer.code, answer.reason);
  return new StepwellError("STEPWELL_INTERNAL", `The worker answered ${answer.kind}.`);
}
