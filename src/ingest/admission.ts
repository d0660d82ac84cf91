/**
 * Admission: what of a batch may enter the journal. Pure: a batch in, records and
 * refusals out. A bad entry is refused alone; all else of its batch is taken.
 *
 * A batch that is larger than one backend request is cut here, so that what the journal
 * holds never has to be cut later: a cursor always stands between two records.
 */
import type { ErrorCode } from "../errors/table.js";
import {
  type BatchView,
  type ColumnView,
  encodeBatch,
  headOf,
  POINT_COLUMN_BYTES,
  pointsIn,
  type TextView,
  type WireText,
} from "../model/batch-view.js";
import { codePoints, isModelId, keyFault } from "../model/entry-text.js";
import {
  DATASET_DIGEST_CODE_POINTS_MAX,
  DATASET_NAME_CODE_POINTS_MAX,
  PARAM_VALUE_CODE_POINTS_MAX,
  RECORD_ENTRIES_MAX,
  RECORD_TEXTS_MAX,
  TAG_VALUE_CODE_POINTS_MAX,
} from "../model/limits.js";
import type { DatasetName, KeyValue } from "../model/pack.js";
import type { RunEnd } from "../model/run.js";
import { type AdmittedStart, admitEnd, admitStart, type EntryRefusal, type Refuse } from "./admit-run.js";
import { cutBatch } from "./cut.js";
import { Refusals } from "./refusals.js";

/** One record's worth of a batch. */
export interface AdmittedPart {
  readonly points: number;
  readonly params: number;
  readonly tags: number;
  readonly startsRun: boolean;
  /** Whether it ends the run or goes on with it. */
  readonly endsRun: boolean;
  /** A Batch as protobuf bytes. */
  readonly payload: Uint8Array;
}

export interface Admission {
  readonly parts: readonly AdmittedPart[];
  readonly refusals: readonly EntryRefusal[];
  readonly start: AdmittedStart | undefined;
  readonly end: RunEnd | undefined;
  readonly params: readonly KeyValue[];
}

/** Whether the param may have this value: true when it is new or unchanged. */
export type ParamCheck = (key: string, value: string) => boolean;

/**
 * Judges every entry of a batch. `bytes` are the batch's own bytes: they go on
 * untouched when nothing is refused and nothing has to be cut. Without them it is encoded anew.
 * `isOwn`: it is the daemon's own, which may address one tracker of several and hold calls.
 */
export function admit(
  batch: BatchView,
  bytes: Uint8Array | undefined,
  mayHave: ParamCheck,
  isOwn = false,
): Admission {
  const refusals = new Refusals();
  const refuse: Refuse = (refusal) => refusals.add(refusal);
  const start = admitStart(batch, refuse);
  const params = admitParams(batch.params, mayHave, refuse);
  const columns = batch.columns.filter((column, index) => admitColumn(column, index, refuse));
  const tags = batch.tags.filter((tag, index) =>
    admitText("tag", tag, index, TAG_VALUE_CODE_POINTS_MAX, refuse),
  );
  const removedTags = admitRemovals(batch, refuse);
  const end = admitEnd(batch, refuse);
  const kept: BatchView = {
    ...batch,
    params,
    columns,
    tags,
    removedTags,
    start: start ? batch.start : undefined,
    end: end ? batch.end : undefined,
    onlyTrackerId: isOwn ? batch.onlyTrackerId : "",
    calls: isOwn ? batch.calls : [],
  };
  const isKept = refusals.isEmpty && (isOwn || (batch.onlyTrackerId === "" && batch.calls.length === 0));
  return {
    parts: partsOf(kept, isKept ? bytes : undefined),
    refusals: refusals.all(),
    start,
    end,
    params: params as KeyValue[],
  };
}

function admitParams(params: readonly TextView[], mayHave: ParamCheck, refuse: Refuse): readonly TextView[] {
  if (params.length === 0) return params;
  const seen = new Map<string, string>();
  return params.filter((param, index) => {
    if (!admitText("param", param, index, PARAM_VALUE_CODE_POINTS_MAX, refuse)) return false;
    const { key = "", value = "" } = param;
    const before = seen.get(key);
    if (before === undefined ? mayHave(key, value) : before === value) {
      seen.set(key, value);
      return true;
    }
    const message = `The param ${JSON.stringify(key)} has another value already.`;
    refuse({ kind: "param", index, entries: 1, code: "STEPWELL_PARAM_CHANGED", message });
    return false;
  });
}

function admitText(
  kind: "param" | "tag",
  text: TextView,
  index: number,
  valueMax: number,
  refuse: Refuse,
): boolean {
  const fault = (code: ErrorCode, message: string) => {
    refuse({ kind, index, entries: 1, code, message });
    return false;
  };
  if (text.key === undefined) return fault("STEPWELL_TEXT_MALFORMED", `A ${kind}'s key is not valid UTF-8.`);
  if (text.value === undefined)
    return fault("STEPWELL_TEXT_MALFORMED", `The ${kind}'s value is not valid UTF-8.`);
  const keyIsBad = knownKeyFault(text.key);
  if (keyIsBad) return fault("STEPWELL_KEY_INVALID", `The ${kind} is refused: ${keyIsBad}.`);
  // A text has at most as many code points as UTF-16 units: most need no count.
  if (text.value.length > valueMax && codePoints(text.value) > valueMax) {
    return fault(
      "STEPWELL_VALUE_TOO_LONG",
      `The value of the ${kind} ${JSON.stringify(text.key)} has more than ${valueMax} characters.`,
    );
  }
  return true;
}

function admitRemovals({ tags, removedTags }: BatchView, refuse: Refuse): readonly WireText[] {
  return removedTags.filter((key, index) => {
    const fault = key === undefined ? "the key is not valid UTF-8" : knownKeyFault(key);
    if (fault === undefined) return true;
    refuse({
      kind: "tag",
      index: tags.length + index,
      entries: 1,
      code: key === undefined ? "STEPWELL_TEXT_MALFORMED" : "STEPWELL_KEY_INVALID",
      message: `The removal of a tag is refused: ${fault}.`,
    });
    return false;
  });
}

function admitColumn(column: ColumnView, index: number, refuse: Refuse): boolean {
  const entries = Math.floor(column.values.length / POINT_COLUMN_BYTES);
  const fault = (code: ErrorCode, message: string) => {
    refuse({ kind: "metric", index, entries: Math.max(1, entries), code, message });
    return false;
  };
  if (column.key === undefined) return fault("STEPWELL_TEXT_MALFORMED", "A metric's key is not valid UTF-8.");
  const keyIsBad = knownKeyFault(column.key);
  if (keyIsBad) return fault("STEPWELL_KEY_INVALID", `The metric is refused: ${keyIsBad}.`);
  if (column.modelId !== "" && !isModelId(column.modelId))
    return fault("STEPWELL_MODEL_ID_INVALID", `The metric ${JSON.stringify(column.key)} names no model.`);
  if (column.dataset && !isDatasetName(column.dataset))
    return fault("STEPWELL_VALUE_TOO_LONG", `The metric ${JSON.stringify(column.key)} names no dataset.`);
  const bytes = column.values.length;
  if (
    bytes % POINT_COLUMN_BYTES !== 0 ||
    column.steps.length !== bytes ||
    column.timestampsMs.length !== bytes
  ) {
    return fault(
      "STEPWELL_COLUMN_UNEVEN",
      `The columns of the metric ${JSON.stringify(column.key)} differ in length.`,
    );
  }
  if (hasNegative(column.timestampsMs)) {
    return fault(
      "STEPWELL_TIMESTAMP_INVALID",
      `The metric ${JSON.stringify(column.key)} has a negative timestamp.`,
    );
  }
  return bytes > 0;
}

function isDatasetName({ name, digest }: DatasetName): boolean {
  return (
    codePoints(name) <= DATASET_NAME_CODE_POINTS_MAX && codePoints(digest) <= DATASET_DIGEST_CODE_POINTS_MAX
  );
}

/** Whether a little-endian 64-bit number of the column has its sign bit set. */
function hasNegative(column: Uint8Array): boolean {
  let signs = 0;
  for (let index = POINT_COLUMN_BYTES - 1; index < column.length; index += POINT_COLUMN_BYTES)
    signs |= column[index] ?? 0;
  return (signs & 0x80) !== 0;
}

function partsOf(batch: BatchView, bytes: Uint8Array | undefined): AdmittedPart[] {
  const points = pointsIn(batch.columns);
  const texts = batch.params.length + batch.tags.length + batch.removedTags.length + batch.calls.length;
  const isEmpty = points + texts === 0 && !batch.start && !batch.end;
  if (isEmpty) return [];
  const fits =
    batch.calls.length <= 1 &&
    points <= RECORD_ENTRIES_MAX &&
    batch.params.length <= RECORD_TEXTS_MAX &&
    batch.tags.length + batch.removedTags.length <= RECORD_TEXTS_MAX;
  if (fits) return [partOf(batch, bytes ?? encodeBatch(batch))];
  return cutBatch(batch).map((part) => partOf(part, encodeBatch(part)));
}

function partOf(batch: BatchView, payload: Uint8Array): AdmittedPart {
  return { ...headOf(batch), payload };
}

/** Keys that were found valid; a step logs the same few again and again. */
const validKeys = new Set<string>();
const VALID_KEYS_MAX = 10_000;

function knownKeyFault(key: string): string | undefined {
  if (validKeys.has(key)) return undefined;
  const fault = keyFault(key);
  if (fault === undefined) {
    if (validKeys.size === VALID_KEYS_MAX) validKeys.clear();
    validKeys.add(key);
  }
  return fault;
}
