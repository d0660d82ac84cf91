/**
 * What an answer of a server means: one table, a pure function.
 *
 * MLflow's status codes say less than they seem to. A starved connection pool answers 400
 * BAD_REQUEST and passes; a 500 may be the server's trouble or one entry that its database
 * can't hold; a login page is a 200. So the body decides beside the status, and what is
 * not understood holds the lane: only an answer that speaks of the entries refuses any.
 */
import type { ErrorCode } from "../errors/table.js";
import { RETRY_AFTER_MS_MAX } from "../model/limits.js";

/** What came back, or that nothing did. */
export type Answer =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly headers: Readonly<Record<string, string | undefined>>;
      readonly body: string;
      /** Whether the body is a beginning: more came than the endpoint can need. */
      readonly isCut?: boolean;
    }
  | {
      readonly kind: "failed";
      /** Node's or OpenSSL's code, as ECONNREFUSED. */
      readonly code: string;
      readonly message: string;
      /** Whether the server may have got the request. */
      readonly isSent: boolean;
    };

/** What to do about an answer. `isAmbiguous`: the server may have done what was asked. */
export type Verdict =
  | { readonly kind: "ok"; readonly body: JsonObject }
  | (Reason & {
      readonly kind: "retry";
      readonly scope: VerdictScope;
      readonly isAmbiguous: boolean;
      /** Whether smaller requests may help. */
      readonly isOverloaded: boolean;
      readonly afterMs?: number;
    })
  | (Reason & { readonly kind: "hold"; readonly scope: VerdictScope })
  /** The request is too large; halves of it may pass. */
  | (Reason & { readonly kind: "too-large" })
  /** Something in the request will never be taken. */
  | (Reason & { readonly kind: "refused" })
  /** Trouble of the server, or an entry that it can't take: only trying tells. */
  | (Reason & { readonly kind: "doubtful" })
  /** What was asked for is not there. */
  | (Reason & { readonly kind: "missing" })
  /** Nothing of the run will be taken: it was deleted, or can't be made. */
  | (Reason & { readonly kind: "gone" })
  /** What was to be made is there already. */
  | (Reason & { readonly kind: "exists" });

/** Whom it concerns: all that is sent to the server, this run alone, or one of the two. */
export type VerdictScope = "backend" | "run" | "unclear";

interface Reason {
  readonly code: ErrorCode;
  readonly reason: string;
}

/** In a text of JSON a quotation mark has a backslash before it: these are fields and nothing else. */
const LARGE_INTEGERS = /("(?:step|timestamp)"\s*:\s*)(-?\d{16,})/g;

export type JsonObject = Readonly<Record<string, unknown>>;

const TEXT_MAX = 300;

/** What the answer means. `server` names it in the reason, without credentials. */
export function verdictOf(answer: Answer, server: string): Verdict {
  if (answer.kind === "failed") return ofFailure(answer, server);
  const body = answer.isCut ? undefined : parseObject(answer.body);
  const said = saidBy(answer, body);
  const reason = `${server} answered ${answer.status}: ${said.text}`;
  if (answer.status >= 200 && answer.status < 300) {
    return body ? { kind: "ok", body } : hold("STEPWELL_SERVER_NOT_UNDERSTOOD", reason, "unclear");
  }
  return ofMlflow(answer.status, said, reason) ?? ofStatus(answer, reason);
}

/** PostgreSQL's, MySQL's and SQL Server's words for a text that a column can't hold; SQLite holds any. */
const NO_ROOM = /value too long for type|data too long for column|incorrect string value|would be truncated/i;

interface Said {
  /** MLflow's error_code; empty where there is none. */
  readonly code: string;
  readonly text: string;
}

/** Answers in MLflow's own words. */
function ofMlflow(status: number, { code, text }: Said, reason: string): Verdict | undefined {
  switch (code) {
    case "RESOURCE_DOES_NOT_EXIST":
      return { kind: "missing", code: "STEPWELL_RUN_DELETED", reason };
    case "RESOURCE_ALREADY_EXISTS":
      return { kind: "exists", code: "STEPWELL_SERVER_NOT_UNDERSTOOD", reason };
    case "INVALID_PARAMETER_VALUE":
      return /must be in (the )?'?active'?/i.test(text)
        ? { kind: "gone", code: "STEPWELL_RUN_DELETED", reason }
        : { kind: "refused", code: "STEPWELL_ENTRY_REFUSED", reason };
    case "BAD_REQUEST":
      if (status !== 400) return undefined;
      if (/QueuePool limit|connection timed out/i.test(text))
        return { ...passing("STEPWELL_SERVER_BUSY", reason, true), isOverloaded: true };
      return NO_ROOM.test(text)
        ? { kind: "refused", code: "STEPWELL_ENTRY_REFUSED", reason }
        : { kind: "doubtful", code: "STEPWELL_SERVER_FAILED", reason };
    case "RESOURCE_CONFLICT":
    case "ABORTED":
      return passing("STEPWELL_SERVER_BUSY", reason, true);
    default:
      return undefined;
  }
}

/** Answers by their status alone. */
function ofStatus(answer: Answer & { kind: "answered" }, reason: string): Verdict {
  const { status, headers } = answer;
  switch (status) {
    case 401:
      return hold("STEPWELL_NOT_AUTHENTICATED", reason, "backend");
    case 403:
      // Perhaps of this run's experiment alone.
      return hold("STEPWELL_NOT_PERMITTED", reason, "unclear");
    case 408:
    case 425:
    case 502:
    case 504:
      return { ...passing("STEPWELL_SERVER_FAILED", reason, true), isOverloaded: status === 504 };
    case 413:
      return { kind: "too-large", code: "STEPWELL_ENTRY_TOO_LARGE", reason };
    case 429:
      return {
        ...passing("STEPWELL_SERVER_BUSY", reason, false),
        scope: "backend",
        ...wishOf(headers["retry-after"]),
      };
    case 500:
      return { kind: "doubtful", code: "STEPWELL_SERVER_FAILED", reason };
    case 503:
      return { ...passing("STEPWELL_SERVER_BUSY", reason, true), ...wishOf(headers["retry-after"]) };
    default:
      if (status > 504) return passing("STEPWELL_SERVER_FAILED", reason, true);
      return hold("STEPWELL_SERVER_NOT_UNDERSTOOD", reason, "unclear");
  }
}

function ofFailure({ code, message, isSent }: Answer & { kind: "failed" }, server: string): Verdict {
  const reason = `${server} could not be asked: ${cut(message)} (${code})`;
  if (TLS_CODES.test(code)) return hold("STEPWELL_TLS_FAILED", reason, "backend");
  const isOverloaded = isSent && code === "ETIMEDOUT";
  // What was sent may be what the server, or a proxy before it, broke off.
  const scope = isSent ? "unclear" : "backend";
  return { ...passing("STEPWELL_SERVER_UNREACHABLE", reason, isSent), scope, isOverloaded };
}

const TLS_CODES = /CERT|^ERR_(TLS|SSL)|^UNABLE_TO_|^EPROTO$|HOSTNAME_MISMATCH|SELF_SIGNED/;

function passing(code: ErrorCode, reason: string, isAmbiguous: boolean): Verdict & { kind: "retry" } {
  return { kind: "retry", scope: "unclear", code, reason, isAmbiguous, isOverloaded: false };
}

function hold(code: ErrorCode, reason: string, scope: VerdictScope): Verdict {
  return { kind: "hold", scope, code, reason };
}

/** Retry-After in seconds; a date is not worth trusting two clocks for. */
function wishOf(header: string | undefined): { afterMs?: number } {
  const seconds = Number(header ?? Number.NaN);
  if (!Number.isFinite(seconds) || seconds < 0) return {};
  return { afterMs: Math.min(RETRY_AFTER_MS_MAX, Math.ceil(seconds * 1000)) };
}

function saidBy({ headers, body: raw }: Answer & { kind: "answered" }, body: JsonObject | undefined): Said {
  const code = body ? textOf(body["error_code"]) : codeOfBeginning(raw);
  const message = textOf(body?.["message"]);
  if (!body && code !== "") return { code, text: cut(raw) };
  if (code !== "" || message !== "") return { code, text: cut(`${code} ${message}`.trim()) };
  const target = headers["location"];
  if (target !== undefined) return { code, text: `a redirect to ${hostOf(target)}` };
  if (/^\s*</.test(raw)) return { code, text: "a web page" };
  return { code, text: cut(raw).trim() || "nothing" };
}

/** The code in a body that was cut: MLflow writes it first. A message that is quoted has its quotation marks escaped. */
function codeOfBeginning(raw: string): string {
  const beginning = raw.slice(0, CODE_WITHIN);
  return /^\s*\{\s*"error_code"\s*:\s*"([A-Z_]{1,60})"/.exec(beginning)?.[1] ?? "";
}

/** Characters that hold the code of a cut body. */
const CODE_WITHIN = 300;

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A redirect's path and query may hold a token. */
function hostOf(target: string): string {
  return URL.canParse(target) ? new URL(target).origin : "another path";
}

/** On one line and not endless; nothing looks at what is not shown. */
function cut(text: string): string {
  const line = text.slice(0, 2 * TEXT_MAX).replace(/[\p{Cc}\s]+/gu, " ");
  return line.length > TEXT_MAX ? `${line.slice(0, TEXT_MAX).toWellFormed()}...` : line;
}

/** Steps and timestamps beyond 2^53 come as texts, so that they stay what they are. */
function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(LARGE_INTEGERS, '$1"$2"'));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : undefined;
  } catch {
    return undefined;
  }
}
