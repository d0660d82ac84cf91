/** The daemon's own sink of a PostgreSQL database: one home's packs, and what the home remembers of the database. */
import { StepwellError, toStepwellError } from "../../errors/stepwell-error.js";
import type { Clock } from "../../model/clock.js";
import type { CursorAnswer, CursorQuestion } from "../../model/cursor.js";
import type { Pack } from "../../model/pack.js";
import { knownWrites } from "../../model/store-mark.js";
import { withParents } from "../parent-tag.js";
import type { CursorKeeper, Outcome, Sink, SinkLimits, StoreLook } from "../sink.js";
import type { StoreMemory } from "../store-memory.js";
import type { PostgresStore } from "./postgres-store.js";

/** What the sink needs of the daemon. */
export interface PostgresSinkOptions {
  /** Opens the database's store; called once, with the first use. */
  readonly open: () => Promise<PostgresStore>;
  readonly clock: Clock;
  readonly memory: StoreMemory;
  /** Our id of a run, by that or by one that a server gave it. */
  readonly ownId: (runId: string) => Promise<string>;
  /** Told of the ids of runs' experiments, at least once for each run, before it counts as delivered. */
  readonly onExperiments: (experimentIds: ReadonlyMap<string, string>) => Promise<void>;
  /** How long the database is left alone when nothing is sent; a minute unless given. */
  readonly lookMs?: number;
}

/** Two requests: while one is committed the next is sent. More would wait for the home's row in the database. */
const LIMITS: SinkLimits = { pointsMax: 10_000, textsMax: 2_000, packsMax: 300, requestsMax: 2 };
const LOOK_MS = 60_000;
/** Runs that the sink remembers to have told of; beyond it they are told again. */
const TOLD_MAX = 10_000;

/** It asks nothing before it is used, and does not throw. */
export function openPostgresSink(options: PostgresSinkOptions): Sink {
  return new PostgresSink(options);
}

class PostgresSink implements Sink, CursorKeeper {
  readonly limits = LIMITS;
  readonly cursors = this;
  readonly #options: PostgresSinkOptions;
  readonly #told = new Set<string>();
  #store: Promise<PostgresStore> | undefined;
  /** When the database's count was heard last. */
  #heardMs: number | undefined;
  #isClosed = false;

  constructor(options: PostgresSinkOptions) {
    this.#options = options;
  }

  async send(packs: readonly Pack[]): Promise<Outcome[]> {
    try {
      if (this.#isClosed) throw new StepwellError("STEPWELL_DAEMON_STOPPING", "The sink is closed.");
      return await this.#send(packs);
    } catch (error) {
      const { code, message: reason } = toStepwellError(error);
      return packs.map(() => ({ kind: "retry", scope: "backend", code, reason }));
    }
  }

  async look(homeId: string): Promise<StoreLook> {
    const { clock, lookMs = LOOK_MS } = this.#options;
    const isRecent = this.#heardMs !== undefined && clock.monotonicMs() - this.#heardMs < lookMs;
    if (isRecent) return { kind: "as left" };
    const known = this.#known(homeId);
    const store = await this.#opened();
    const writes = await store.writesOf(homeId, known);
    this.#heardMs = clock.monotonicMs();
    return writes < known ? { kind: "went back", writes } : { kind: "as left" };
  }

  async standing(questions: readonly CursorQuestion[]): Promise<CursorAnswer[]> {
    return await (await this.#opened()).standing(questions);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await (await this.#store)?.close();
  }

  async #send(packs: readonly Pack[]): Promise<Outcome[]> {
    const { memory, clock } = this.#options;
    const [first] = packs;
    if (!first) return [];
    const { homeId } = first.author;
    if (!memory.mark().isOpen) await memory.keep({ isOpen: true });
    const translated = await Promise.all(packs.map((pack) => this.#translated(pack)));
    const store = await this.#opened();
    const written = await store.write(translated, new Map([[homeId, this.#known(homeId)]]));
    const writes = written.writes.get(homeId);
    // After an answer that is none it is looked at again.
    this.#heardMs = writes === undefined ? undefined : clock.monotonicMs();
    if (written.wentBack.has(homeId)) await memory.wentBack(writes ?? 0);
    // Of two that are answered in another order than they were committed the later count is the truth.
    else if (writes !== undefined && writes > this.#known(homeId))
      memory.note({ homeId, writes, isRenewed: false });
    await this.#tell(written.experimentIds);
    return written.outcomes;
  }

  #opened(): Promise<PostgresStore> {
    this.#store ??= this.#options.open();
    return this.#store;
  }

  #known(homeId: string): number {
    return knownWrites(this.#options.memory.mark(), homeId);
  }

  async #tell(experimentIds: ReadonlyMap<string, string>): Promise<void> {
    const untold = new Map([...experimentIds].filter(([runId]) => !this.#told.has(runId)));
    if (untold.size === 0) return;
    await this.#options.onExperiments(untold);
    if (this.#told.size > TOLD_MAX) this.#told.clear();
    for (const runId of untold.keys()) this.#told.add(runId);
  }

  /** The pack with our ids of runs in its tags: the database has no others. */
  async #translated(pack: Pack): Promise<Pack> {
    return { ...pack, tags: await withParents(pack.tags, this.#options.ownId) };
  }
}
