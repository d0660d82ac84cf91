/** Tokens of pages: an offset in base64, as MLflow's server gives and takes them. */

import { dumpJson, quote, quoteValue, readInt, typeName } from "../requests/python.js";
import { invalid, RequestFault } from "../requests/request-fault.js";

/** What a search found, as far as a page goes. */
export interface Page<Id> {
  readonly ids: readonly Id[];
  /** Undefined: it is the last one. */
  readonly nextPageToken: string | undefined;
}

export function makeToken(offset: bigint): string {
  return Buffer.from(`{"offset": ${offset}}`).toString("base64");
}

/** Where a page begins. */
export function offsetOf(token: string | undefined): bigint {
  if (!token) return 0n;
  const bytes = decodeBase64(token);
  const decoded = bytes.toString("utf8");
  let parsed: unknown;
  try {
    parsed = JSON.parse(decoded);
  } catch {
    throw invalid(`Invalid page token, decoded value=${quoteBytes(bytes)}`);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw new RequestFault("INTERNAL_ERROR", `'${typeName(parsed)}' object has no attribute 'get'`);
  const offset = (parsed as Record<string, unknown>)["offset"];
  if (!offset) throw invalid(`Invalid page token, parsed value=${quoteValue(parsed)}`);
  const found = typeof offset === "number" ? BigInt(Math.trunc(offset)) : readInt(textOf(offset));
  if (found === undefined) throw invalid(`Invalid page token, not stringable ${textOf(offset)}`);
  return found;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : dumpJson(value);
}

/** As Python's decoder: what is no character of base64 is skipped, and what lacks its padding is refused. */
export function decodeBase64(token: string): Buffer {
  if (!/^\p{ASCII}*$/u.test(token))
    throw new RequestFault("INTERNAL_ERROR", "string argument should contain only ASCII characters");
  const characters = token.replace(/[^A-Za-z0-9+/=]/g, "");
  const data = characters.replace(/=.*$/, "");
  const padding = characters.length - data.length;
  const rest = data.length % 4;
  if (rest === 1 || (rest > 1 && padding < 4 - rest))
    throw invalid("Invalid page token, could not base64-decode");
  return Buffer.from(data, "base64");
}

/** `repr` of bytes. */
function quoteBytes(bytes: Buffer): string {
  const text = quote(bytes.toString("latin1")).replace(/[\u0080-\u00ff]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16)}`;
  });
  return `b${text}`;
}
