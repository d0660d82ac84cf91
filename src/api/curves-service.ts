import type { Curves } from "../curves/curves.js";
import type { CurveGap } from "../curves/gap.js";
import type { CurveSummary } from "../curves/summary.js";
import { viewOf } from "../curves/view.js";
import { StepwellError } from "../errors/stepwell-error.js";
import {
  CurveAxis,
  type CurveGap as CurveGapMessage,
  type Curve as CurveMessage,
  type CurvesServiceServer,
  type KnownCurve,
  PointsSource,
  type ReadCurvesRequest,
  type ReadPointsRequest,
  type ReadPointsResponse,
} from "../gen/stepwell/v1/curves.js";
import {
  CURVE_BUCKETS_READ_MAX,
  CURVE_KEYS_LISTED_MAX,
  CURVE_KEYS_MAX,
  CURVE_PATTERNS_MAX,
  CURVE_RUNS_MAX,
} from "../model/curve-limits.js";
import type { BackendRuns } from "../runs/backend-runs.js";
import type { Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import { checkNamed, isMeant, keyMessage } from "./curve-messages.js";
import { watchCurves } from "./curve-watch.js";
import { unary } from "./unary.js";

const KEYS_DEFAULT = 1_000;
const BUCKETS_DEFAULT = 500;
const BUCKETS_MAX = 10_000;
const POINTS_DEFAULT = 1_000;
const POINTS_MAX = 50_000;

/** Who knows of runs and their curves. */
export interface CurvesServiceOptions {
  readonly runs: RunBook;
  readonly backendRuns: BackendRuns;
  readonly curves: Curves;
  /** Aborted when the daemon ends. */
  readonly closing: AbortSignal;
}

export function curvesService(options: CurvesServiceOptions): CurvesServiceServer {
  const { curves } = options;
  return {
    listKeys: unary(async ({ runIds, patterns, offset, limit, onlyNames }) => {
      checkNamed("runs", runIds, CURVE_RUNS_MAX);
      checkNamed("patterns", patterns, CURVE_PATTERNS_MAX);
      const runs = await runsOf(options, runIds);
      const gaps = new Gaps();
      // Before and after: what is listed in between may lack what is missing at either time.
      await gaps.look(curves, runs);
      const ids = runs.map(({ runId }) => runId);
      const end = offset + Math.min(CURVE_KEYS_LISTED_MAX, limit || KEYS_DEFAULT);
      if (onlyNames) {
        const names = await namesOf(curves, runs, patterns);
        const common = { gaps: await gaps.look(curves, runs), runIds: ids };
        return { keys: [], names: names.slice(offset, end), total: names.length, ...common };
      }
      const found: FoundKey[] = [];
      for (const run of runs) for (const key of await keysOf(curves, run, patterns)) found.push(key);
      const keys = found.slice(offset, end).map(({ runId, key, summary }) => keyMessage(runId, key, summary));
      const common = { gaps: await gaps.look(curves, runs), runIds: ids };
      return { keys, names: [], total: found.length, ...common };
    }),
    readCurves: unary(async (request) => {
      const runs = await runsOf(options, request.runIds);
      checkSize(request);
      const known = new Map(request.known.map((each) => [`${each.runId} ${each.key}`, each]));
      const read: CurveMessage[] = [];
      const gaps = new Gaps();
      for (const run of runs)
        for (const key of request.keys) {
          const { curve, gap } = await readCurve(curves, run, key, { request, known });
          if (curve) read.push(curve);
          gaps.add(gap);
        }
      return { curves: read, gaps: await gaps.look(curves, runs) };
    }),
    readPoints: unary(async (request) => {
      const [run] = await runsOf(options, [request.runId]);
      return run ? await readPoints(curves, run, request) : noPoints("There is no such run.");
    }),
    watchCurves: (call) => watchCurves(call, options, (ids) => runsOf(options, ids)),
  };
}

function checkSize({ runIds, keys, buckets }: ReadCurvesRequest): void {
  checkNamed("runs", runIds, CURVE_RUNS_MAX);
  checkNamed("keys", keys, CURVE_KEYS_MAX);
  const most = buckets || BUCKETS_DEFAULT;
  const all = runIds.length * keys.length * most;
  if (most <= BUCKETS_MAX && all <= CURVE_BUCKETS_READ_MAX) return;
  const sentence = `${runIds.length} runs, ${keys.length} keys and ${most} buckets of each were asked for at once; a curve has at most ${BUCKETS_MAX}, and all have at most ${CURVE_BUCKETS_READ_MAX}.`;
  throw new StepwellError("STEPWELL_SETTING_INVALID", sentence);
}

/** The runs, each once. Throws STEPWELL_RUN_UNKNOWN or STEPWELL_NAME_AMBIGUOUS. */
async function runsOf(
  { runs, backendRuns }: CurvesServiceOptions,
  runIds: readonly string[],
): Promise<Run[]> {
  const found = new Map<string, Run>();
  for (const asked of runIds) {
    const run = await runs.get(await backendRuns.ownId(asked));
    found.set(run.runId, run);
  }
  return [...found.values()];
}

interface FoundKey {
  readonly runId: string;
  readonly key: string;
  readonly summary: CurveSummary;
}

async function keysOf(curves: Curves, run: Run, patterns: readonly string[]): Promise<FoundKey[]> {
  const summaries = await curves.summaries(run);
  const keys = [...summaries.keys()].filter((key) => isMeant(key, patterns)).sort();
  const { runId } = run;
  return keys.flatMap((key) => {
    const summary = summaries.get(key);
    return summary ? [{ runId, key, summary }] : [];
  });
}

async function namesOf(curves: Curves, runs: readonly Run[], patterns: readonly string[]): Promise<string[]> {
  const names = new Set<string>();
  for (const run of runs)
    for (const key of await curves.names(run)) if (isMeant(key, patterns)) names.add(key);
  return [...names].sort();
}

/**
 * What of each run is missing in one answer, the most that was at any moment of it: what is read again may be there by the time at which
 * the answer is sent, and is not in it.
 */
class Gaps {
  readonly #gaps = new Map<string, CurveGap>();

  add(gap: CurveGap | undefined): void {
    if (gap && gap.missingPoints > (this.#gaps.get(gap.runId)?.missingPoints ?? 0))
      this.#gaps.set(gap.runId, gap);
  }

  /** Adds what is missing now, and answers all. */
  async look(curves: Curves, runs: readonly Run[]): Promise<CurveGapMessage[]> {
    for (const gap of await Promise.all(runs.map((run) => curves.gap(run)))) this.add(gap);
    return [...this.#gaps.values()].map((gap) => ({ ...gap, missingPoints: BigInt(gap.missingPoints) }));
  }
}

interface Asked {
  readonly request: ReadCurvesRequest;
  readonly known: ReadonlyMap<string, KnownCurve>;
}

async function readCurve(
  curves: Curves,
  run: Run,
  key: string,
  { request, known }: Asked,
): Promise<{ readonly curve?: CurveMessage; readonly gap?: CurveGap | undefined }> {
  const read = await curves.read(run, key);
  const gap = read?.gap;
  if (!read?.curve) return { gap };
  const { axis, from, to } = request;
  const { buckets, isOther } = read.curve.along(axisOf(axis));
  const view = viewOf(buckets, isOther, {
    ...{ from, to, most: request.buckets || BUCKETS_DEFAULT, origin: originOf(run, axis) },
    layout: `${read.layout} ${axis}`,
    known: known.get(`${run.runId} ${key}`)?.version,
  });
  const curve: CurveMessage = {
    ...{ runId: run.runId, key, hasPoints: view.isExact || curves.hasPoints(run) },
    ...view,
    points: view.points.map(BigInt),
    nanPoints: view.nan.map(BigInt),
    positiveInfinityPoints: view.positive.map(BigInt),
    negativeInfinityPoints: view.negative.map(BigInt),
  };
  return { curve, gap };
}

function axisOf(axis: CurveAxis): "step" | "time" {
  const { CURVE_AXIS_TIME, CURVE_AXIS_RELATIVE_TIME } = CurveAxis;
  return axis === CURVE_AXIS_TIME || axis === CURVE_AXIS_RELATIVE_TIME ? "time" : "step";
}

/** What stands at 0 along an axis. */
function originOf(run: Run, axis: CurveAxis): bigint {
  return axis === CurveAxis.CURVE_AXIS_RELATIVE_TIME ? BigInt(run.start?.startTimeMs ?? run.firstSeenMs) : 0n;
}

async function readPoints(
  curves: Curves,
  run: Run,
  { key, axis, from, to, limit }: ReadPointsRequest,
): Promise<ReadPointsResponse> {
  const most = Math.min(POINTS_MAX, limit || POINTS_DEFAULT);
  const range = { from, to, most, origin: originOf(run, axis) };
  const points = await curves.points(run, key, axisOf(axis), range);
  if (!points) return noPoints("Nothing was logged under this key, or nothing is kept of it.");
  if (points === "buckets") return noPoints("Only buckets of several points are kept of this range.");
  const { POINTS_SOURCE_BUCKETS, POINTS_SOURCE_LOCAL_STORE } = PointsSource;
  return { source: points.isStored ? POINTS_SOURCE_LOCAL_STORE : POINTS_SOURCE_BUCKETS, ...points };
}

function noPoints(missing: string): ReadPointsResponse {
  const nothing = { steps: [], timestampsMs: [], values: [], isCut: false };
  return { source: PointsSource.POINTS_SOURCE_NONE, ...nothing, missing };
}
