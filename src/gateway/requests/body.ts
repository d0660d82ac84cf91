/**
 * The body of a request, read as MLflow's server reads it: JSON; perhaps JSON in a JSON text, from older clients;
 * perhaps nothing. JSON's numbers are doubles here, so whole numbers that a double can't hold come as texts, which
 * MLflow takes for numbers as well.
 */
import { invalid } from "./request-fault.js";

export type JsonObject = Readonly<Record<string, unknown>>;

/** In a text of JSON a quotation mark has a backslash before it: these are fields and nothing else. */
const LARGE_INTEGERS = /("[a-z_]+"\s*:\s*)(-?\d{16,})(?=\s*[,}])/g;
/** Python writes and reads them, JSON has none of them. */
const BARE = /[:[,]\s*-?(?:NaN|Infinity)\s*[,}\]]/;

/** What is no JSON counts as nothing, as at the server, which then misses the first field that it needs. */
export function readBody(text: string): JsonObject {
  const body = parse(text);
  const inner = typeof body === "string" ? parse(body) : body;
  return typeof inner === "object" && inner !== null && !Array.isArray(inner) ? (inner as JsonObject) : {};
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(LARGE_INTEGERS, '$1"$2"'));
  } catch {
    // The server drops what stands behind one of these, and says that all is well.
    if (BARE.test(text))
      throw invalid('NaN and Infinity have to be quoted in JSON, as "NaN" and "Infinity".');
    return undefined;
  }
}
