/** Where curves of runs are read again, and their single points: the journal, and the file of a run's local tracker. */
import type { RefillSources, StoredPage, StoredRange } from "../curves/refill.js";
import { keptRecordsAfter } from "../gateway/journaled-records.js";
import type { StoredColumn, StoredPoints } from "../gateway/local/stored-points.js";
import { placesOf } from "../gateway/run-data.js";
import type { TrackerApi } from "../gateway/tracker-api.js";
import type { Place } from "../gateway/workspace.js";
import type { Journal } from "../journal/journal.js";
import type { RangeQuestion } from "../model/range-question.js";
import { factsOf } from "../model/target.js";
import type { Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import type { Late } from "./late.js";

/** Points that are read of a file at once: a moment of its thread, and few bytes. */
const PAGE_POINTS = 20_000;

/** Parts that are made after the curves. */
export interface CurveSourceParts {
  readonly journal: Late<Journal>;
  readonly runs: RunBook;
  readonly homeId: () => string;
  readonly apiOf: Late<(place: Place) => TrackerApi>;
}

export function curveSources({ journal, runs, homeId, apiOf }: CurveSourceParts): RefillSources {
  const storeOf = (run: Run) => {
    const place = placesOf(run).find(({ backend }) => factsOf(backend).file !== undefined);
    const api = place && apiOf.ask((of) => of(place));
    return api?.points ? { api, place } : undefined;
  };
  const cursorOf = (run: Run, place: Place | undefined, { cursors }: StoredPoints) => {
    // It stands under the id that this home had when it began the run there.
    const left = place && run.delivered[place.trackerId]?.cursor?.homeId;
    return cursors.find((each) => each.homeId === left) ?? cursors.find((each) => each.homeId === homeId());
  };
  return {
    records: (run, afterSeq) =>
      journal.ask((each) => keptRecordsAfter(each, runs, run, afterSeq)) ?? nothing(),
    hasStore: (run) => placesOf(run).some(({ backend }) => factsOf(backend).file !== undefined),
    stored: (run) => {
      const store = storeOf(run);
      if (!store) return undefined;
      const cursor = (points: StoredPoints) => cursorOf(run, store.place, points);
      return pagesOf(store.api, run, cursor);
    },
    storedRange: async (run, question) => {
      const store = storeOf(run);
      const found = store && (await rangeOf(store.api, run, question));
      const cursor = found && cursorOf(run, store.place, found.points);
      return cursor && { ...found.range, throughSeq: cursor.seq };
    },
  };
}

async function* nothing(): AsyncGenerator<never> {}

async function* pagesOf(
  api: TrackerApi,
  run: Run,
  cursorOf: (points: StoredPoints) => StoredPage["cursor"],
): AsyncGenerator<StoredPage> {
  for (let afterRow: bigint | undefined = 0n; afterRow !== undefined; ) {
    const page: StoredPoints | undefined = await api.points?.(run.runId, { afterRow, most: PAGE_POINTS });
    if (!page) return;
    afterRow = page.next;
    const columns = page.columns.map((column) => ({ key: column.key, points: pointsOf(column) }));
    yield { columns, next: page.next, cursor: page.next === undefined ? cursorOf(page) : undefined };
  }
}

async function rangeOf(
  api: TrackerApi,
  run: Run,
  question: RangeQuestion,
): Promise<{ readonly points: StoredPoints; readonly range: Omit<StoredRange, "throughSeq"> } | undefined> {
  // One more tells whether there are more.
  const points = await api.points?.(run.runId, { ...question, most: question.most + 1 });
  if (!points) return undefined;
  const [column] = points.columns;
  const isCut = (column?.values.length ?? 0) > question.most;
  return { points, range: { points: column && pointsOf(column), isCut } };
}

function pointsOf({ steps, timestampsMs, values }: StoredColumn) {
  const halves = (array: BigInt64Array) => new Int32Array(array.buffer, array.byteOffset, 2 * array.length);
  return { count: values.length, steps: halves(steps), timestampsMs: halves(timestampsMs), values };
}
