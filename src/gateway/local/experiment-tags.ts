/** What MLflow asks of an experiment's tags. */

import { checkLength } from "../requests/names.js";
import { lengthOf } from "../requests/python.js";
import { invalid, type RequestFault } from "../requests/request-fault.js";
import { checkTagName } from "./tag-names.js";

const KEY_MAX = 250;
const VALUE_MAX = 20_000;
const DURATION_MAX = 32;
/** Views that its UI keeps in tags. */
export const VIEWS_MAX = 50;

export function isViewTag(key: string): boolean {
  return key.startsWith("mlflow.customView.view");
}

export function viewsFull(experimentId?: string): RequestFault {
  const where = experimentId === undefined ? "" : ` for experiment ${experimentId}`;
  return invalid(
    `Unable to create another custom view${where}; the maximum number of custom views per experiment is ` +
      `${VIEWS_MAX}. Delete an existing custom view before creating a new one.`,
  );
}

/** Throws for more views than an experiment may have. */
export function checkViewCount(keys: readonly string[]): void {
  if (keys.filter(isViewTag).length > VIEWS_MAX) throw viewsFull();
}

/** Throws for a tag that MLflow does not take. */
export function checkExperimentTag(key: string, value: string): void {
  checkTagName(key);
  checkLength("key", KEY_MAX, key);
  checkLength("value", VALUE_MAX, value);
  if (key === "mlflow.trace.archivalRetention") checkDuration(value, "value", "duration");
  if (key === "mlflow.trace.archiveNow") checkDuration(value, "older_than");
}

/** How long traces are kept: an object with a duration in one of its fields. */
function checkDuration(value: string, field: string, type?: string): void {
  const config = parseObject(value);
  if (!config) throw invalid("Trace archival config must be encoded as a JSON object.");
  if (type !== undefined && config["type"] !== type)
    throw invalid(`Trace archival config must use type '${type}'.`);
  const duration = config[field] ?? undefined;
  if (duration === undefined && type === undefined) return;
  const trimmed = typeof duration === "string" ? duration.trim() : "";
  if (lengthOf(trimmed) > DURATION_MAX)
    throw invalid("Trace archival duration must be at most 32 characters.");
  if (!/^[1-9]\d*[mhd]$/.test(trimmed))
    throw invalid(
      "Trace archival retention must be in the form `<int><unit>`, where unit is one of 'm', 'h', or 'd'.",
    );
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return value as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
