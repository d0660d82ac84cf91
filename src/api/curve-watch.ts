/** What a watcher of curves is told: at once how all stands, and then, a few times a second at most, what changed. */
import type { ServerWritableStream } from "@grpc/grpc-js";
import type { Curves } from "../curves/curves.js";
import { toStepwellError } from "../errors/stepwell-error.js";
import type {
  CurveKey,
  WatchCurvesRequest,
  WatchCurvesResponse,
  WatchedRun,
} from "../gen/stepwell/v1/curves.js";
import {
  CURVE_KEYS_TOLD_MAX,
  CURVE_PATTERNS_MAX,
  CURVE_RUNS_MAX,
  CURVE_RUNS_TOLD_MAX,
  CURVES_TOLD_MS,
} from "../model/curve-limits.js";
import type { Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import { asError } from "./call-stream.js";
import { checkNamed, isMeant, keyMessage } from "./curve-messages.js";
import { type RunFacts, runFactsOf } from "./run-facts.js";

/** Who knows of what is watched. */
export interface WatchParts {
  readonly runs: RunBook;
  readonly curves: Curves;
  readonly closing: AbortSignal;
}

type WatchCall = ServerWritableStream<WatchCurvesRequest, WatchCurvesResponse>;

/** Answers the call until its caller or the daemon ends it. */
export function watchCurves(
  call: WatchCall,
  parts: WatchParts,
  find: (runIds: readonly string[]) => Promise<Run[]>,
): void {
  const gone = new AbortController();
  for (const event of ["cancelled", "close", "error"]) call.on(event, () => gone.abort());
  const begin = async () => {
    const { runIds, patterns } = call.request;
    checkNamed("runs", runIds, CURVE_RUNS_MAX);
    checkNamed("patterns", patterns, CURVE_PATTERNS_MAX);
    const named = runIds.length > 0 ? await find(runIds) : undefined;
    if (gone.signal.aborted) return;
    new CurveWatch(call, parts, named).start(gone.signal);
  };
  begin().catch((error: unknown) => call.emit("error", asError(toStepwellError(error))));
}

class CurveWatch {
  readonly #call: WatchCall;
  readonly #parts: WatchParts;
  /** The runs that are watched, as they were when it began; undefined: all. */
  readonly #named: readonly Run[] | undefined;
  /** Runs that were told, as they were then. */
  readonly #told = new Map<string, RunFacts>();
  /** Runs that may have changed and are not live. */
  readonly #others = new Map<string, Run>();
  /** Keys that changed, of runs by their numbers. */
  readonly #changed = new Map<number, Set<string>>();
  #changes = 0;
  #hasMore = false;
  #isCurrent = false;
  #isFull = false;
  #isTelling = false;

  constructor(call: WatchCall, parts: WatchParts, named: readonly Run[] | undefined) {
    this.#call = call;
    this.#parts = parts;
    this.#named = named;
    for (const run of named ?? []) this.#others.set(run.runId, run);
  }

  start(gone: AbortSignal): void {
    const { curves, closing } = this.#parts;
    const leave = curves.listen((run, keys) => this.#note(run, keys));
    const timer = setInterval(() => void this.#tell(), CURVES_TOLD_MS);
    const end = () => void this.#call.end();
    closing.addEventListener("abort", end, { once: true });
    gone.addEventListener("abort", () => {
      leave();
      clearInterval(timer);
      closing.removeEventListener("abort", end);
    });
    // A watcher that does not read is told less often, and then how it is by then.
    this.#call.on("drain", () => {
      this.#isFull = false;
    });
    void this.#begin();
  }

  async #begin(): Promise<void> {
    const { runs, curves } = this.#parts;
    if (this.#named) {
      for (const run of this.#others.values())
        this.#note(run.number, new Set((await curves.summaries(run)).keys()));
    } else {
      const newest = (await runs.list()).slice(0, CURVE_RUNS_TOLD_MAX);
      for (const run of newest) this.#others.set(run.runId, run);
    }
    await this.#tell();
  }

  #note(run: number, keys: ReadonlySet<string>): void {
    const changed = this.#changed.get(run) ?? new Set();
    for (const key of keys) {
      if (changed.has(key) || !isMeant(key, this.#call.request.patterns)) continue;
      // Who is told of so many looks at the list.
      if (this.#changes === CURVE_KEYS_TOLD_MAX) {
        this.#hasMore = true;
        break;
      }
      changed.add(key);
      this.#changes += 1;
    }
    if (changed.size > 0) this.#changed.set(run, changed);
  }

  async #tell(): Promise<void> {
    if (this.#isFull || this.#isTelling) return;
    this.#isTelling = true;
    try {
      const runs = await this.#changedRuns();
      const hasMoreKeys = this.#hasMore;
      const keys = await this.#changedKeys();
      const isCurrent = this.#others.size === 0;
      if (runs.length === 0 && keys.length === 0 && !hasMoreKeys && this.#isCurrent) return;
      this.#isCurrent = isCurrent;
      this.#isFull = !this.#call.write({ runs, keys, hasMoreKeys, isCurrent });
    } catch (error) {
      this.#call.emit("error", asError(toStepwellError(error)));
    } finally {
      this.#isTelling = false;
    }
  }

  async #changedRuns(): Promise<WatchedRun[]> {
    const { runs } = this.#parts;
    const live: Run[] = [];
    for (const run of runs.live()) if (this.#isWatched(run.runId)) live.push(run);
    const there = new Set(live.map(({ runId }) => runId));
    // What was live when it was told, and is no more, ended meanwhile.
    for (const runId of this.#told.keys()) {
      if (there.has(runId) || this.#others.has(runId)) continue;
      const run = await runs.archived(runId);
      if (run) this.#others.set(runId, run);
    }
    const candidates = [...live, ...[...this.#others.values()].filter(({ runId }) => !there.has(runId))];
    const changed = candidates
      .map((run) => ({ run, now: runFactsOf(runs, run) }))
      .filter(({ run, now }) => !isSame(this.#told.get(run.runId), now))
      .sort((one, other) => other.run.firstSeenMs - one.run.firstSeenMs);
    const some = changed.slice(0, CURVE_RUNS_TOLD_MAX);
    for (const { run, now } of some) this.#told.set(run.runId, now);
    const left = new Set(changed.slice(CURVE_RUNS_TOLD_MAX).map(({ run }) => run.runId));
    for (const runId of this.#others.keys()) if (!left.has(runId)) this.#others.delete(runId);
    // One that is archived changes no more; it is told again when it comes back.
    for (const { run } of some) if (run.endTimeMs > 0 && !there.has(run.runId)) this.#told.delete(run.runId);
    return some.map(({ run, now }) => ({
      ...{ runId: run.runId, experimentName: run.start?.experimentName ?? "", ...now },
    }));
  }

  async #changedKeys(): Promise<CurveKey[]> {
    const { runs, curves } = this.#parts;
    const changed = new Map(this.#changed);
    this.#changed.clear();
    this.#changes = 0;
    this.#hasMore = false;
    const told: CurveKey[] = [];
    for (const [number, keys] of changed) {
      const run = runs.byNumber(number) ?? this.#named?.find((each) => each.number === number);
      if (!run || !this.#isWatched(run.runId)) continue;
      const summaries = await curves.summaries(run, keys);
      for (const [key, summary] of summaries) told.push(keyMessage(run.runId, key, summary));
    }
    return told;
  }

  #isWatched(runId: string): boolean {
    return this.#named === undefined || this.#named.some((run) => run.runId === runId);
  }
}

function isSame(told: RunFacts | undefined, now: RunFacts): boolean {
  return (
    told !== undefined &&
    told.journaledPoints === now.journaledPoints &&
    told.endTimeMs === now.endTimeMs &&
    told.status === now.status &&
    told.runName === now.runName &&
    told.startTimeMs === now.startTimeMs
  );
}
