/**
 * A request's fields, taken as MLflow's server takes them: protobuf's JSON first (unknown fields ignored, null is
 * absent, either spelling of a name), then what the route asks of them, with the server's own sentences. Where the
 * server would drop a field and go on, the request is refused.
 */
import type { JsonObject } from "./body.js";
import { integerField } from "./fields.js";
import { dumpJson, readInt, typeName } from "./python.js";
import { invalid, RequestFault } from "./request-fault.js";

/** A request below the gateway's prefix. */
export interface LocalRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: JsonObject;
}

/** Reads one value; throws a RequestFault for what protobuf does not take. */
export type Reader<Value> = (value: unknown, path: string) => Value;

type Shape = Readonly<Record<string, Reader<unknown>>>;
/** What was read; undefined where the request says nothing. */
export type Message<Fields extends Shape> = {
  readonly [Name in keyof Fields]: ReturnType<Fields[Name]> | undefined;
};

const MORE = " See the API docs for more information about request parameters.";
const INT32_MAX = 2n ** 31n - 1n;

export const text: Reader<string> = (value, path) => {
  if (typeof value === "string" && value.isWellFormed()) return value;
  throw badValue(path, value);
};

export const int64: Reader<bigint> = (value, path) => {
  const found = integerField({ value } as JsonObject, "value", path);
  if (found === undefined) throw badValue(path, value);
  return found;
};

export const int32: Reader<bigint> = (value, path) => {
  const found = int64(value, path);
  if (found > INT32_MAX || found < -INT32_MAX - 1n) throw badValue(path, value);
  return found;
};

export const flag: Reader<boolean> = (value, path) => {
  if (typeof value === "boolean") return value;
  throw badValue(path, value);
};

/** An enumeration's number, by name or number; a name that it has not is no value at all. */
export function numbered(names: Readonly<Record<string, number>>): Reader<number | undefined> {
  return (value, path) => {
    if (typeof value === "string" && Object.hasOwn(names, value)) return names[value];
    const number = typeof value === "string" ? Number(readInt(value) ?? Number.NaN) : value;
    const found = Object.values(names).find((each) => each === number);
    if (found === undefined && !Number.isNaN(number)) throw badValue(path, value);
    return found;
  };
}

/** Readers of lists: in a query a list's field comes once for each entry. */
const LISTS = new WeakSet<Reader<unknown>>();

export function list<Value>(each: Reader<Value>): Reader<readonly Value[]> {
  const read: Reader<readonly Value[]> = (value, path) => {
    if (!Array.isArray(value)) throw badValue(path, value);
    return value.map((entry: unknown, index) => {
      if (entry === null) throw badValue(`${path}[${index}]`, entry);
      return each(entry, `${path}[${index}]`);
    });
  };
  LISTS.add(read);
  return read;
}

export function message<Fields extends Shape>(fields: Fields): Reader<Message<Fields>> {
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw badValue(path, value);
    return readFields(fields, value as JsonObject, path);
  };
}

/** What a route asks of a field. Those of a type count only where protobuf did not take the request. */
export type Check =
  | "required"
  | "string"
  | "integer"
  | "array"
  | "strings"
  /** A sentence where the value does not do, or "" for MLflow's usual one. */
  | ((value: unknown) => string | undefined);

/** The request's message. */
export function readMessage<Fields extends Shape>(
  request: LocalRequest,
  fields: Fields,
  checks: Readonly<Record<string, readonly Check[]>> = {},
): Message<Fields> {
  const json = jsonOf(request, fields);
  for (const name of Object.keys(fields)) {
    const other = camelCase(name);
    if (other !== name && name in json && other in json)
      throw invalid(`Request specifies both '${name}' and '${other}'; provide only one of them.`);
  }
  let found: Message<Fields> | undefined;
  let fault: RequestFault | undefined;
  try {
    found = readFields(fields, json, "");
  } catch (error) {
    if (!(error instanceof RequestFault)) throw error;
    fault = error;
  }
  for (const [name, each] of Object.entries(checks)) checkField(json, name, each, fault === undefined);
  if (found) return found;
  throw fault ?? invalid("The request can't be read.");
}

/** What a GET asks is in its query, where there is one: each field's first value, or all of a list's. */
function jsonOf(request: LocalRequest, fields: Shape): JsonObject {
  if (request.method !== "GET" || request.query.size === 0) return request.body;
  const json: Record<string, unknown> = {};
  for (const [name, read] of Object.entries(fields)) {
    if (!request.query.has(name)) continue;
    const values = request.query.getAll(name);
    json[name] = LISTS.has(read) ? values : values[0];
  }
  return json;
}

function readFields<Fields extends Shape>(fields: Fields, json: JsonObject, path: string): Message<Fields> {
  const found: Record<string, unknown> = {};
  for (const [name, read] of Object.entries(fields)) {
    const value = json[name] ?? json[camelCase(name)];
    if (value === undefined || value === null) continue;
    found[name] = read(value, path === "" ? name : `${path}.${name}`);
  }
  return found as Message<Fields>;
}

function checkField(json: JsonObject, name: string, checks: readonly Check[], isParsed: boolean): void {
  if (!(name in json) && !checks.includes("required")) return;
  const value = name === "run_id" ? (json[name] ?? json["run_uuid"]) : json[name];
  for (const check of checks) {
    const sentence = sentenceOf(check, name, value, isParsed);
    if (sentence !== undefined) throw invalid(`${sentence || badValueText(name, value)}${MORE}`);
  }
}

function sentenceOf(check: Check, name: string, value: unknown, isParsed: boolean): string | undefined {
  if (typeof check === "function") return check(value);
  if (check === "required")
    return value === undefined || value === null || value === ""
      ? `Missing value for required parameter '${name}'.`
      : undefined;
  return isParsed || isOfType(check, value) ? undefined : "";
}

function isOfType(check: "string" | "integer" | "array" | "strings", value: unknown): boolean {
  switch (check) {
    case "string":
      return typeof value === "string";
    case "integer":
      return (
        typeof value === "number" || typeof value === "boolean" || /^\s*[+-]?\d+\s*$/.test(String(value))
      );
    case "array":
      return Array.isArray(value);
    case "strings":
      return Array.isArray(value) && value.every((each) => typeof each === "string");
  }
}

function badValue(path: string, value: unknown): RequestFault {
  return invalid(`${badValueText(path, value)}${MORE}`);
}

function badValueText(path: string, value: unknown): string {
  const hint = ` Hint: Value was of type '${typeName(value)}'.`;
  return `Invalid value ${dumpJson(value)} for parameter '${path}' supplied: ${hint}`;
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}
