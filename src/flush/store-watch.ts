/**
 * Watches the stores that keep cursors, also while nothing is sent: one that was restored from a backup
 * lacks what finished runs had delivered, and no lane of theirs would ever ask.
 *
 * Every few seconds the file is looked at, which costs nothing while it is as it was left. Where a store
 * turns out to be an earlier state of itself, the cursors of all runs that were delivered to it are
 * compared, those of archived runs too; what the store forgot comes back to life and is sent again, as far
 * as the journal has it. That it is compared is on disk until it is done.
 */
import type { StepwellError } from "../errors/stepwell-error.js";
import { toStepwellError } from "../errors/stepwell-error.js";
import { judgeCursor, type LeftCursor } from "../model/cursor.js";
import { STORE_COMPARED_RUNS, STORE_LOOK_MS, STORE_REVIVED_RUNS_MAX } from "../model/limits.js";
import { isNewStore } from "../model/store-mark.js";
import { type Backend, backendKey, type Target } from "../model/target.js";
import { type Delivered, deliveredTo, type Run } from "../runs/run.js";
import type { StoreMarks } from "../runs/store-marks.js";
import type { CursorKeeper, Sink } from "../sinks/sink.js";
import { type FollowParts, type FoundCursor, followCursor } from "./follow-cursor.js";

export interface StoreWatchOptions extends FollowParts {
  readonly marks: StoreMarks;
  /** The sink of a backend. */
  readonly sinkOf: (backend: Backend) => Sink;
  /** Resolves when what a backend has answered by now counts as delivered. */
  readonly settled: (backend: Backend) => Promise<void>;
  /** A run goes on from an earlier position. */
  readonly onRewound: (run: Run, target: Target) => void;
  /** What was wrong may be right now: lanes ask again. */
  readonly askAgain: () => void;
}

/** A run's cursor in a store that went back. */
interface ComparedLane extends FoundCursor {
  /** How far it was delivered when its cursor was asked for. */
  readonly position: Delivered;
  /** Whether it was live then; an archived run is read anew each time. */
  readonly isLive: boolean;
}

export class StoreWatch {
  readonly #options: StoreWatchOptions;
  /** What is wrong with stores, by backend. */
  readonly #faults = new Map<string, { readonly backend: Backend; readonly fault: StepwellError }>();
  readonly #comparing = new Map<string, Promise<void>>();
  /** Stores that went back, perhaps once more, since their comparison began. */
  readonly #goneBack = new Set<string>();
  #looking: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: StoreWatchOptions) {
    this.#options = options;
  }

  /** Goes on with what an earlier daemon did not finish, and looks from now on. */
  start(): void {
    for (const { backend, mark } of this.#options.marks.all()) if (mark.isComparing) this.#begin(backend);
    this.#look();
  }

  /** What is wrong with stores now. */
  faults(): { readonly backend: Backend; readonly fault: StepwellError }[] {
    return [...this.#faults.values()];
  }

  /** A store has fewer of the home's transactions than there were; nothing is written until this resolves. */
  async wentBack(backend: Backend, writes: number): Promise<void> {
    const { marks, log } = this.#options;
    log("error", "a store went back to an earlier state", { store: backendKey(backend) });
    this.#goneBack.add(backendKey(backend));
    await marks.keep(backend, { writes, isComparing: true });
    this.#begin(backend);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#looking;
    await Promise.all(this.#comparing.values());
  }

  #look(): void {
    this.#looking = this.#lookAtAll().finally(() => {
      if (!this.#isClosed) this.#timer = setTimeout(() => this.#look(), STORE_LOOK_MS).unref();
    });
  }

  async #lookAtAll(): Promise<void> {
    for (const { backend, mark } of this.#options.marks.all()) {
      if (this.#isClosed) return;
      if (mark.isComparing) this.#begin(backend);
      if (isNewStore(mark) || mark.isComparing) continue;
      const keeper = this.#options.sinkOf(backend).cursors;
      if (keeper) await this.#lookAt(backend, keeper);
    }
  }

  async #lookAt(backend: Backend, keeper: CursorKeeper): Promise<void> {
    const key = backendKey(backend);
    try {
      const found = await keeper.look(this.#options.history.author.homeId);
      if (this.#faults.delete(key)) this.#options.askAgain();
      if (found.kind === "went back") await this.wentBack(backend, found.writes);
    } catch (error) {
      const fault = toStepwellError(error);
      if (fault.code === "STEPWELL_DATABASE_LOCKED" || fault.code === "STEPWELL_DAEMON_STOPPING") return;
      if (!this.#faults.has(key))
        this.#options.log("error", "a store can't be used", {
          store: key,
          code: fault.code,
          reason: fault.message,
        });
      this.#faults.set(key, { backend, fault });
    }
  }

  #begin(backend: Backend): void {
    const key = backendKey(backend);
    if (this.#comparing.has(key)) return;
    const comparing = this.#compare(backend)
      .catch((error: unknown) => {
        // The next look goes on with it.
        this.#options.log("error", "what a store has could not be compared", { reason: String(error) });
      })
      .finally(() => this.#comparing.delete(key));
    this.#comparing.set(key, comparing);
  }

  async #compare(backend: Backend): Promise<void> {
    const { runs, marks, history, settled } = this.#options;
    await history.ready();
    do {
      this.#goneBack.delete(backendKey(backend));
      // What it took just before it went back would count as delivered behind the comparison.
      await settled(backend);
      await this.#compareAll(backend);
      if (this.#isClosed) return;
      // A start behind a kill would take the runs for delivered, and ask nobody.
      await runs.secure();
    } while (this.#goneBack.has(backendKey(backend)));
    await marks.keep(backend, { isComparing: false });
  }

  async #compareAll(backend: Backend): Promise<void> {
    const { runs } = this.#options;
    let page: Run[] = [];
    for await (const run of runs.all.each()) {
      if (this.#isClosed) return;
      page.push(run);
      if (page.length < STORE_COMPARED_RUNS) continue;
      await this.#comparePage(backend, page);
      page = [];
    }
    await this.#comparePage(backend, page);
  }

  async #comparePage(backend: Backend, page: readonly Run[]): Promise<void> {
    const { runs, history, sinkOf } = this.#options;
    const key = backendKey(backend);
    // A live one may have moved since it was seen.
    const now = page.map((run) => runs.find(run.runId) ?? run);
    const lanes = now.flatMap((run) =>
      (run.targets ?? [])
        .filter((target) => backendKey(target.backend) === key && deliveredTo(run, target.trackerId).seq > 0)
        .map((target) => {
          const position = deliveredTo(run, target.trackerId);
          return { run, target, position, isLive: runs.find(run.runId) === run, left: position.cursor };
        }),
    );
    const keeper = sinkOf(backend).cursors;
    if (!keeper || lanes.length === 0) return;
    const { author } = history;
    const asked = lanes.map(({ run, left }) => ({ author, runId: run.runId, after: left }));
    const answers = await keeper.standing(asked);
    for (const [index, lane] of lanes.entries()) {
      const answer = answers[index];
      if (answer) await this.#follow({ ...lane, ...answer, unheard: [] });
    }
  }

  /** Brings a run back to life when the store forgot something of it. */
  async #follow(found: ComparedLane): Promise<void> {
    const { runs, history, journal, onRewound } = this.#options;
    const { run, target, position: before, isLive, left, cursor } = found;
    const past = { incarnations: history.incarnations, journaledSeq: journal.lastSeq, unheard: [] };
    // What is ahead is for the run's lane to see, when it has something to send.
    if (judgeCursor(cursor, left, past) !== "forgot") return;
    await this.#untilFewer();
    // Held, it goes to no archive meanwhile: the archive would have it where it was.
    const letGo = runs.holds.take(run.runId);
    try {
      const staysLive = isLive && runs.findFree(run.runId) !== undefined;
      const live = await runs.touch(run.runId);
      const now = deliveredTo(live, target.trackerId);
      // Its lane came first; it may have sent all again by now, and stand where it was left.
      if (now !== before && (staysLive || !isSameLeft(now.cursor, left))) return;
      const position = await followCursor(this.#options, { ...found, run: live }, []);
      if (!position) return;
      runs.advance(live.runId, target.trackerId, position);
    } finally {
      letGo();
    }
    const rewound = runs.find(run.runId);
    if (rewound) onRewound(rewound, target);
  }

  /** Runs that came back to life take memory until they are delivered again. */
  async #untilFewer(): Promise<void> {
    const isForgotten = (run: Run) => Object.values(run.delivered).some(({ forgot }) => forgot !== undefined);
    for (;;) {
      let count = 0;
      for (const run of this.#options.runs.live()) if (isForgotten(run)) count += 1;
      if (count < STORE_REVIVED_RUNS_MAX || this.#isClosed) return;
      await new Promise((resolve) => setTimeout(resolve, 200).unref());
    }
  }
}

function isSameLeft(one: LeftCursor | undefined, other: LeftCursor | undefined): boolean {
  return one?.seq === other?.seq && one?.incarnation === other?.incarnation && one?.homeId === other?.homeId;
}
