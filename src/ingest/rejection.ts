import { ERRORS } from "../errors/table.js";
import type { IngestResponse } from "../gen/stepwell/v1/ingest.js";
import { EntryKind } from "../gen/stepwell/v1/types.js";
import type { EntryName, EntryRefusal } from "./admit-run.js";

const KINDS: Readonly<Record<EntryName, EntryKind>> = {
  metric: EntryKind.ENTRY_KIND_METRIC,
  param: EntryKind.ENTRY_KIND_PARAM,
  tag: EntryKind.ENTRY_KIND_TAG,
  start: EntryKind.ENTRY_KIND_RUN_START,
  end: EntryKind.ENTRY_KIND_RUN_END,
};

/** The answer to one entry that is refused. */
export function rejectionOf(sequence: number, refusal: EntryRefusal): IngestResponse {
  const { index, entries, code, message } = refusal;
  const kind = KINDS[refusal.kind];
  const value = {
    sequence: BigInt(sequence),
    kind,
    index,
    entries,
    code,
    message,
    remedy: ERRORS[code].remedy,
  };
  return { message: { $case: "rejection", value } };
}
