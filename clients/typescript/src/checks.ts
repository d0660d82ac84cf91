/** What the daemon checks of entries, checked at the call, so that the caller learns of it there. */

import {
  EXPERIMENT_NAME_CODE_POINTS_MAX,
  PARAM_VALUE_CODE_POINTS_MAX,
  TAG_VALUE_CODE_POINTS_MAX,
} from "./contract.js";
import { codePoints, isModelId, keyFault } from "./entry-text.js";
import { StepwellClientError } from "./errors.js";

/** What a param or tag may be given as; it is logged as `String(value)`. */
export type TextValue = string | number | bigint | boolean;

/** Throws STEPWELL_KEY_INVALID or STEPWELL_TEXT_MALFORMED when MLflow would not take the key. */
export function checkKey(key: string): void {
  if (typeof key !== "string") throw new StepwellClientError("STEPWELL_KEY_INVALID", "The key is no text.");
  if (!key.isWellFormed())
    throw new StepwellClientError("STEPWELL_TEXT_MALFORMED", "The key holds a lone surrogate.");
  const fault = keyFault(key);
  if (fault === undefined) return;
  throw new StepwellClientError("STEPWELL_KEY_INVALID", `${JSON.stringify(key)} is refused: ${fault}.`);
}

/** The param's or tag's value as text. Throws when it is not one, malformed or too long. */
export function textOf(kind: "param" | "tag", key: string, value: TextValue): string {
  if (typeof value === "object" || typeof value === "function" || value === undefined) {
    throw new StepwellClientError("STEPWELL_VALUE_INVALID", `The ${kind} ${JSON.stringify(key)} is no text.`);
  }
  const text = String(value);
  checkText(
    `The ${kind} ${JSON.stringify(key)}`,
    text,
    kind === "param" ? PARAM_VALUE_CODE_POINTS_MAX : TAG_VALUE_CODE_POINTS_MAX,
  );
  return text;
}

/** Throws when an experiment's name is empty, malformed or too long. */
export function checkExperimentName(name: string): void {
  if (typeof name !== "string" || name === "" || codePoints(name) > EXPERIMENT_NAME_CODE_POINTS_MAX) {
    throw new StepwellClientError(
      "STEPWELL_EXPERIMENT_INVALID",
      "The experiment's name is empty or too long.",
    );
  }
  checkText("The experiment's name", name, EXPERIMENT_NAME_CODE_POINTS_MAX);
}

/** Throws when a text is malformed or longer than the bound, in code points. */
export function checkText(what: string, text: string, codePointsMax: number): void {
  if (typeof text !== "string")
    throw new StepwellClientError("STEPWELL_VALUE_INVALID", `${what} is no text.`);
  if (!text.isWellFormed()) {
    throw new StepwellClientError("STEPWELL_TEXT_MALFORMED", `${what} holds a lone surrogate.`);
  }
  // Code points never outnumber UTF-16 units, so that most texts need no count.
  if (text.length > codePointsMax && codePoints(text) > codePointsMax) {
    const sentence = `${what} has ${codePoints(text)} characters; ${codePointsMax} are allowed.`;
    throw new StepwellClientError("STEPWELL_VALUE_TOO_LONG", sentence);
  }
}

/** Throws STEPWELL_RUN_ID_INVALID unless the id is 32 lower-case hexadecimal digits. */
export function checkRunId(runId: string): void {
  if (typeof runId !== "string" || !/^[0-9a-f]{32}$/.test(runId)) {
    throw new StepwellClientError("STEPWELL_RUN_ID_INVALID", `${JSON.stringify(runId)} is no run id.`);
  }
}

/** Throws STEPWELL_MODEL_ID_INVALID unless it may be the id of a logged model. */
export function checkModelId(modelId: string): void {
  if (typeof modelId === "string" && isModelId(modelId)) return;
  throw new StepwellClientError(
    "STEPWELL_MODEL_ID_INVALID",
    `${JSON.stringify(modelId)} is no id of a logged model.`,
  );
}
