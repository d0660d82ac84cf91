import type { ErrorRow } from "./row.js";
import { ERRORS, type ErrorCode } from "./table.js";

/** What an error may have beside its code and sentence. */
export interface StepwellErrorOptions extends ErrorOptions {
  /** What to do in this case, where it says more than the code's row: as a command with the path in it. */
  readonly remedy?: string;
}

/** The one error class: a code of the table, one sentence about this case, and what to do. */
export class StepwellError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;

  constructor(code: ErrorCode, sentence: string, { remedy, ...options }: StepwellErrorOptions = {}) {
    super(sentence, options);
    this.name = "StepwellError";
    this.code = code;
    this.remedy = remedy ?? ERRORS[code].remedy;
  }

  /** The code's row: status, retry verdict, exit code, remedy. */
  get row(): ErrorRow {
    return ERRORS[this.code];
  }
}

/** An error in one line: its code, what is so, and what to do. */
export function sayError({ code, message, remedy = ERRORS[code].remedy }: SaidError): string {
  return `${code}: ${message} ${remedy}`;
}

interface SaidError {
  readonly code: ErrorCode;
  readonly message: string;
  /** The code's own unless given. */
  readonly remedy?: string | undefined;
}

/** Any thrown value as a StepwellError; what is not one becomes STEPWELL_INTERNAL with its cause. */
export function toStepwellError(thrown: unknown): StepwellError {
  if (thrown instanceof StepwellError) return thrown;
  const sentence = thrown instanceof Error ? thrown.message : String(thrown);
  return new StepwellError("STEPWELL_INTERNAL", sentence, { cause: thrown });
}
