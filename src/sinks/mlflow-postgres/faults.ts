/** What PostgreSQL, the network and TLS report, in our words: by SQLSTATE (postgresql.org/docs, appendix A). */
import { StepwellError } from "../../errors/stepwell-error.js";
import type { ErrorCode } from "../../errors/table.js";
import type { Outcome } from "../sink.js";

/** By the whole SQLSTATE, else by its class, the first two characters. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  "08": "STEPWELL_SERVER_UNREACHABLE",
  "22": "STEPWELL_ENTRY_REFUSED",
  "23": "STEPWELL_ENTRY_REFUSED",
  "25006": "STEPWELL_DATABASE_READ_ONLY",
  "28": "STEPWELL_NOT_AUTHENTICATED",
  "3D000": "STEPWELL_DATABASE_NOT_UNDERSTOOD",
  "40": "STEPWELL_SERVER_BUSY",
  "42501": "STEPWELL_NOT_PERMITTED",
  "53300": "STEPWELL_SERVER_BUSY",
  "54": "STEPWELL_ENTRY_REFUSED",
  "55P03": "STEPWELL_DATABASE_LOCKED",
  "57P01": "STEPWELL_SERVER_UNREACHABLE",
  "57P02": "STEPWELL_SERVER_UNREACHABLE",
  "57P03": "STEPWELL_SERVER_UNREACHABLE",
};

/** The tables are not what they were when their shape was read: a migration came in between. */
const OTHER_SHAPE = new Set(["23502", "42703", "42704", "42804", "42883", "42P01", "42P10"]);

/** What does not pass by itself. */
const HELD = new Set<ErrorCode>([
  "STEPWELL_DATABASE_NOT_UNDERSTOOD",
  "STEPWELL_STORE_GONE",
  "STEPWELL_NOT_AUTHENTICATED",
  "STEPWELL_NOT_PERMITTED",
  "STEPWELL_TLS_FAILED",
]);

const TLS_CODE = /^(ERR_TLS|ERR_SSL|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|HOSTNAME_MISMATCH|EPROTO)/;
const SSL_WORDS = /SSL connection/i;
const SASL_WORDS = /^SASL/;

/** An error of anything below, as one of ours that names the database. */
export function faultOf(error: unknown, database: string): StepwellError {
  if (error instanceof StepwellError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error, message);
  const what = isOtherShape(error) ? "changed its tables meanwhile" : WHAT[code];
  return new StepwellError(code, `${database} ${what ?? "failed"}: ${message}.`, { cause: error });
}

const WHAT: Partial<Record<ErrorCode, string>> = {
  STEPWELL_SERVER_UNREACHABLE: "can't be reached",
  STEPWELL_ENTRY_REFUSED: "refuses what it was sent",
  STEPWELL_NOT_AUTHENTICATED: "lets nobody in with these credentials",
  STEPWELL_NOT_PERMITTED: "does not permit it",
  STEPWELL_TLS_FAILED: "shows no certificate that the sslmode of its address takes",
  STEPWELL_DATABASE_LOCKED: "is locked by another transaction",
  STEPWELL_DATABASE_READ_ONLY: "can only be read",
  STEPWELL_SERVER_BUSY: "is busy",
};

function codeOf(error: unknown, message: string): ErrorCode {
  const state = sqlStateOf(error);
  if (state === undefined) {
    const { code = "" } = error as { code?: string };
    if (TLS_CODE.test(code) || SSL_WORDS.test(message)) return "STEPWELL_TLS_FAILED";
    return SASL_WORDS.test(message) ? "STEPWELL_NOT_AUTHENTICATED" : "STEPWELL_SERVER_UNREACHABLE";
  }
  if (OTHER_SHAPE.has(state)) return "STEPWELL_DATABASE_LOCKED";
  return CODES[state] ?? CODES[state.slice(0, 2)] ?? "STEPWELL_SERVER_FAILED";
}

/** The server's own code; undefined for what no server said. */
export function sqlStateOf(error: unknown): string | undefined {
  const thrown = error instanceof StepwellError ? error.cause : error;
  const { code, severity } = (thrown ?? {}) as { code?: unknown; severity?: unknown };
  return typeof code === "string" && typeof severity === "string" ? code : undefined;
}

/** Whether the tables' shape has to be read again. */
export function isOtherShape(error: unknown): boolean {
  return OTHER_SHAPE.has(sqlStateOf(error) ?? "");
}

/** Whether the error speaks of the entries of some pack, so that others can go on without it. */
export function isOfAPack(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state === undefined) return error instanceof RangeError;
  return !OTHER_SHAPE.has(state) && ["22", "23", "54"].includes(state.slice(0, 2));
}

/** What to do with packs after an error that stops their whole request. */
export function outcomeOf({ code, message: reason }: StepwellError): Outcome {
  return { kind: HELD.has(code) ? "hold" : "retry", scope: "backend", code, reason };
}
