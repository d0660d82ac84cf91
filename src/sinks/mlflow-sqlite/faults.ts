import { StepwellError } from "../../errors/stepwell-error.js";
import type { ErrorCode } from "../../errors/table.js";
import type { Outcome } from "../sink.js";

/** SQLite's primary result codes that decide what happens next (sqlite.org/rescode.html). */
const SQLITE = {
  busy: 5,
  locked: 6,
  corrupt: 11,
  tooBig: 18,
  constraint: 19,
  mismatch: 20,
  notADatabase: 26,
};

/** An error of SQLite or of the file system, in our words. */
export function faultOf(error: unknown, path: string): StepwellError {
  if (error instanceof StepwellError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = resultCodeOf(error, message);
  const fault = (kind: ErrorCode, what: string) =>
    new StepwellError(kind, `${path} ${what}: ${message}.`, { cause: error });
  switch (code) {
    case SQLITE.busy:
    case SQLITE.locked:
      return fault("STEPWELL_DATABASE_LOCKED", "is locked by another process");
    case SQLITE.corrupt:
      return fault("STEPWELL_DATABASE_DAMAGED", "is damaged");
    case SQLITE.notADatabase:
      return fault("STEPWELL_DATABASE_NOT_UNDERSTOOD", "is not a SQLite database");
    default:
      return fault("STEPWELL_DATABASE_FAILED", "can't be used");
  }
}

/** Whether the error speaks of the pack's own entries, so that the other packs can go on. */
export function isOfThePack(error: unknown): boolean {
  if (!(error instanceof StepwellError)) return true;
  const code = resultCodeOf(error.cause, "");
  return (
    error.cause === undefined ||
    code === SQLITE.constraint ||
    code === SQLITE.mismatch ||
    code === SQLITE.tooBig
  );
}

/** What does not pass by itself. */
const HELD = new Set<ErrorCode>([
  "STEPWELL_DATABASE_NOT_UNDERSTOOD",
  "STEPWELL_DATABASE_DAMAGED",
  "STEPWELL_STORE_GONE",
]);

/** What to do with a pack after an error that stops the whole request. */
export function outcomeOf(error: StepwellError): Outcome {
  const kind = HELD.has(error.code) ? "hold" : "retry";
  return { kind, scope: "backend", code: error.code, reason: error.message };
}

function resultCodeOf(error: unknown, message: string): number {
  // What libsql throws when it opens a file has the number in its text only.
  const raw = (error as { rawCode?: unknown } | undefined)?.rawCode ?? /: (\d+)"\)$/.exec(message)?.[1];
  return Number(raw ?? 0) & 0xff;
}
