/** Records for a journal, on disk when these resolve. */
import { Batch } from "../../src/gen/stepwell/v1/ingest.js";
import { appended, type NewMark } from "../../src/journal/append.js";
import type { Journal } from "../../src/journal/journal.js";
import { NO_ENTRIES } from "../../src/model/no-entries.js";

const HEADER = { points: 0, params: 0, tags: 0, startsRun: false, endsRun: false, receivedMs: 5 };

export interface AppendedPoints {
  readonly points?: number;
  readonly bytes?: number;
  readonly mark?: NewMark | undefined;
}

/** One record that says that it has so many points; its bytes are no batch. */
export async function appendPoints(
  journal: Journal,
  run: number,
  { points = 1, bytes = 100, mark }: AppendedPoints = {},
): Promise<void> {
  const payload = new Uint8Array(bytes).fill(points);
  await appended(journal, [{ run, header: { ...HEADER, points }, payload }], mark);
}

/** One record that sets a tag. */
export async function appendTag(
  journal: Journal,
  run: { readonly number: number; readonly runId: string },
  key: string,
  value: string,
): Promise<void> {
  const batch = { ...NO_ENTRIES, sequence: 1n, runId: run.runId, tags: [{ key, value }] };
  const payload = Batch.encode(batch).finish();
  await appended(journal, [{ run: run.number, header: { ...HEADER, tags: 1 }, payload }]);
}
