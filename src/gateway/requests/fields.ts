/**
 * Fields of a request, taken as protobuf's JSON takes them (json_format, ParseDict), for that is what MLflow's server
 * reads with: Java sends whole numbers as texts, R every number, Python by the field. What ParseDict refuses is
 * refused here with MLflow's words. Where the server would drop a field, and all behind it, and answer 200, it is
 * refused, too.
 */
import type { JsonObject } from "./body.js";
import { dumpJson, typeName } from "./python.js";
import { invalid, type RequestFault } from "./request-fault.js";

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const MORE = " See the API docs for more information about request parameters.";

/** Python's int() of a text. */
const WHOLE = /^[+-]?\d+(?:_\d+)*$/;
/** Python's float() of a text. */
const DECIMAL = /^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/;
const NOT_FINITE = /^([+-]?)(?:(inf(?:inity)?)|nan)$/i;

/** A text; empty where it is absent. `path` names it in what is said. */
export function textField(body: JsonObject, name: string, path = name): string {
  const value = fieldOf(body, name) ?? "";
  if (typeof value === "string" && value.isWellFormed()) return value;
  throw wrongType(path, value);
}

/** A text that has to be there. */
export function requiredText(body: JsonObject, name: string, path = name): string {
  const value = textField(body, name, path);
  if (value !== "") return value;
  throw missing(path);
}

/** A whole number of 64 bits; undefined where it is absent. */
export function integerField(body: JsonObject, name: string, path = name): bigint | undefined {
  const value = fieldOf(body, name);
  if (value === undefined || value === null) return undefined;
  const found = integerOf(value);
  if (found === undefined || found < INT64_MIN || found > INT64_MAX) throw wrongType(path, value);
  return found;
}

/** A double; undefined where it is absent. */
export function doubleField(body: JsonObject, name: string, path = name): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  const found = doubleOf(value);
  if (found === undefined) throw wrongType(path, value);
  return found;
}

/** A list of objects; empty where it is absent. */
export function objectsField(body: JsonObject, name: string): readonly JsonObject[] {
  const value = body[name] ?? [];
  if (!Array.isArray(value)) throw wrongType(name, value);
  for (const [index, each] of value.entries())
    if (typeof each !== "object" || each === null || Array.isArray(each))
      throw wrongType(`${name}[${index}]`, each);
  return value as JsonObject[];
}

/** The texts of a list, or the one; empty where there are none. */
export function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

/** MLflow's sentence for what is not there. */
export function missing(path: string): RequestFault {
  return invalid(`Missing value for required parameter '${path}'.${MORE}`);
}

/** Optional fields have another spelling in protobuf's JSON, which the server takes, too. */
function fieldOf(body: JsonObject, name: string): unknown {
  return body[name] ?? body[name.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase())];
}

function integerOf(value: unknown): bigint | undefined {
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : undefined;
  if (typeof value !== "string" || value.includes(" ")) return undefined;
  const text = value.trim();
  if (WHOLE.test(text)) return BigInt(text.replace(/^\+|_/g, ""));
  const double = doubleOf(text);
  return double !== undefined && Number.isInteger(double) ? BigInt(double) : undefined;
}

function doubleOf(value: unknown): number | undefined {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string" || value === "nan") return undefined;
  const text = value.trim();
  if (DECIMAL.test(text)) return Number(text.replaceAll("_", ""));
  const odd = NOT_FINITE.exec(text);
  if (!odd) return undefined;
  if (!odd[2]) return Number.NaN;
  return odd[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

export function wrongType(path: string, value: unknown): RequestFault {
  const hint = ` Hint: Value was of type '${typeName(value)}'.`;
  return invalid(`Invalid value ${dumpJson(value)} for parameter '${path}' supplied: ${hint}${MORE}`);
}
