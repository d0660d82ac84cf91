import type { ErrorRow } from "./row.js";
import { ERRORS, type ErrorCode } from "./table.js";

/** The one error class: a code of the table and one sentence about this case. */
export class StepwellError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.name = "StepwellError";
    this.code = code;
  }

  /** The code's row: status, retry verdict, exit code, remedy. */
  get row(): ErrorRow {
    return ERRORS[this.code];
  }
}

/** Any thrown value as a StepwellError; what is not one becomes STEPWELL_INTERNAL with its cause. */
export function toStepwellError(thrown: unknown): StepwellError {
  if (thrown instanceof StepwellError) return thrown;
  const sentence = thrown instanceof Error ? thrown.message : String(thrown);
  return new StepwellError("STEPWELL_INTERNAL", sentence, { cause: thrown });
}
