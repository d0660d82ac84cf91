/** Dead letters as answers. */
import type { DeadLetter } from "../../gen/stepwell/v1/dead_letters.js";
import type { Batch } from "../../gen/stepwell/v1/ingest.js";
import type { Column, Plain, PlainRecord } from "./answer.js";

export function letterView(letter: DeadLetter): PlainRecord {
  return {
    number: Number(letter.number),
    run_id: letter.runId,
    tracker: letter.tracker,
    code: letter.code,
    entries: Number(letter.entries),
    retryable: letter.retryable,
    parked_ms: Number(letter.parkedMs),
    reason: letter.reason,
  };
}

export const LETTER_COLUMNS: readonly Column[] = [
  { key: "number" },
  { key: "run_id", title: "run" },
  { key: "tracker" },
  { key: "code", mayGo: true },
  { key: "entries" },
  { key: "retryable", mayGo: true },
  { key: "parked_ms", title: "parked", mayGo: true },
  { key: "reason" },
];

/** A letter with what it holds; of lost entries nothing is there to show. */
export function wholeLetterView(letter: DeadLetter, batch: Batch | undefined): PlainRecord {
  return {
    ...letterView(letter),
    starts_run: batch?.runStart !== undefined,
    ends_run: batch?.runEnd !== undefined,
    params: (batch?.params ?? []).map(({ key, value }) => ({ key, value })),
    points: (batch?.metrics ?? []).flatMap(({ key, modelId, steps, timestampsMs, values }) =>
      values.map((value, index) => ({
        key,
        model_id: modelId,
        step: whole(steps[index]),
        timestamp_ms: whole(timestampsMs[index]),
        value: Number.isFinite(value) ? value : String(value),
      })),
    ),
    tags: (batch?.tags ?? []).map(({ key, value }) => ({ key, value })),
  };
}

/** A 64-bit number: as a text where a double can't hold it. */
function whole(value = 0n): Plain {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}
