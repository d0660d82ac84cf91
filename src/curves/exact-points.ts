/** Single points of a metric where its buckets hold several: out of the run's local store, with what the journal has beyond it. */
import { type ColumnView, viewBatch } from "../model/batch-view.js";
import type { RangeQuestion } from "../model/range-question.js";
import type { Run } from "../runs/run.js";
import { X_FIRST, Y_FIRST, Y_LAST } from "./bucket-rows.js";
import type { Buckets } from "./buckets.js";
import { PointReader, type Points } from "./points.js";
import type { RefillSources } from "./refill.js";
import { rangeOf, type SinglePoints, type ViewRange } from "./view.js";

/** Points that wait for the store and are looked through: more would take longer than anybody waits. */
const QUEUED_POINTS_MAX = 500_000;
const [LOWEST, HIGHEST] = [-(2n ** 63n), 2n ** 63n - 1n];

/** What was found, and what may be missing in it: one sentence, or nothing. */
export interface StoredSingles extends SinglePoints {
  readonly missing: string;
}

interface SinglePoint {
  readonly step: bigint;
  readonly timestampMs: bigint;
  readonly value: number;
}

/** The points of a range along an axis; undefined where the run has no local store, or that has nothing of it. */
export async function storedSingles(
  run: Run,
  key: string,
  { buckets, isOther }: { readonly buckets: Buckets; readonly isOther: boolean },
  range: ViewRange,
  sources: RefillSources,
): Promise<StoredSingles | undefined> {
  const question = questionOf(key, buckets, isOther, range);
  const stored = await sources.storedRange(run, question);
  if (!stored) return undefined;
  const found = stored.points ? [...pointsOf(stored.points)] : [];
  const place = (point: SinglePoint) => (question.isByTime ? point.timestampMs : point.step);
  const end = stored.isCut ? found[question.most] : undefined;
  const to = end ? place(end) : question.to;
  const { points: queued, isWhole } = await queuedPoints(run, key, stored.throughSeq, sources);
  for (const point of queued) if (place(point) >= question.from && place(point) <= to) found.push(point);
  // What came later stands behind what stands at the same place.
  found.sort((one, other) => (place(one) < place(other) ? -1 : Number(place(one) > place(other))));
  const points = withoutTwins(found);
  const some = points.slice(0, question.most);
  return {
    steps: some.map(({ step }) => step),
    timestampsMs: some.map(({ timestampMs }) => timestampMs),
    values: some.map(({ value }) => value),
    isCut: stored.isCut || points.length > some.length,
    missing: isWhole ? "" : "Points that wait for the store are too many to be looked through.",
  };
}

function questionOf(key: string, buckets: Buckets, isOther: boolean, range: ViewRange): RangeQuestion {
  const isByTime = isOther || buckets.order === "time";
  const from = within64(range.from === undefined ? LOWEST : range.from + range.origin);
  const to = within64(range.to === undefined ? HIGHEST : range.to + range.origin);
  const { begin, end } = rangeOf(buckets.rows, isOther ? Y_FIRST - X_FIRST : 0, range);
  // In the order of both a range of steps is one of times, which leads to the points in the store.
  const isNarrow = !isByTime && buckets.order === "both" && end > begin;
  const [fromMs, toMs] = isByTime
    ? [from, to]
    : isNarrow
      ? [buckets.rows.place(begin, Y_FIRST), buckets.rows.place(end - 1, Y_LAST)]
      : [LOWEST, HIGHEST];
  return { key, isByTime, from, to, fromMs, toMs, most: range.most };
}

async function queuedPoints(
  run: Run,
  key: string,
  afterSeq: number,
  sources: RefillSources,
): Promise<{ readonly points: readonly SinglePoint[]; readonly isWhole: boolean }> {
  const points: SinglePoint[] = [];
  const reader = new PointReader();
  let seen = 0;
  for await (const record of sources.records(run, afterSeq)) {
    seen += record.points;
    if (seen > QUEUED_POINTS_MAX) return { points, isWhole: false };
    for (const column of columnsOf(record))
      if (column.key === key) points.push(...pointsOf(reader.read(column)));
  }
  return { points, isWhole: true };
}

function columnsOf({
  points,
  payload,
}: {
  readonly points: number;
  readonly payload: Uint8Array;
}): readonly ColumnView[] {
  if (points === 0) return [];
  const { columns, onlyTrackerId } = viewBatch(payload);
  return onlyTrackerId ? [] : columns;
}

function* pointsOf({ count, steps, timestampsMs, values }: Points): Generator<SinglePoint> {
  for (let index = 0; index < count; index++)
    yield {
      step: int64(steps, index),
      timestampMs: int64(timestampsMs, index),
      value: values[index] as number,
    };
}

function int64(halves: Int32Array, index: number): bigint {
  return (BigInt(halves[2 * index + 1] as number) << 32n) | BigInt((halves[2 * index] as number) >>> 0);
}

/** Points that are alike in all are one, as in the store. */
function withoutTwins(points: readonly SinglePoint[]): SinglePoint[] {
  const seen = new Set<string>();
  return points.filter(({ step, timestampMs, value }) => {
    const name = `${step} ${timestampMs} ${Object.is(value, -0) ? 0 : value}`;
    if (seen.has(name)) return false;
    seen.add(name);
    return true;
  });
}

function within64(place: bigint): bigint {
  return place < LOWEST ? LOWEST : place > HIGHEST ? HIGHEST : place;
}
