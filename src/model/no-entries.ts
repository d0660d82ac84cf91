import type { Batch } from "../gen/stepwell/v1/ingest.js";

/** A batch that says nothing, to be filled; it lacks its run. */
export const NO_ENTRIES = {
  sequence: 0n,
  runStart: undefined,
  params: [],
  metrics: [],
  tags: [],
  removedTags: [],
  runEnd: undefined,
  calls: [],
} satisfies Omit<Batch, "runId">;
