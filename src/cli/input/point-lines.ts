/**
 * Lines of metrics as programs print them: JSON objects, or CSV below a header. `step` and `timestamp` (milliseconds
 * since 1970) are no metrics; without them a point has step 0 and the time at which its line was read.
 */
import { StringDecoder } from "node:string_decoder";
import { readInteger, readNumber } from "./pairs.js";
import type { Point } from "./points.js";

/** The longest line that is read, in characters. */
const LINE_LENGTH_MAX = 256 * 1024;

/** What one line had: its points, and what of it can't be logged. */
export interface ReadLine {
  readonly points: readonly Point[];
  readonly faults: readonly string[];
}

const NOTHING: ReadLine = { points: [], faults: [] };

/** A field as it was written. */
type Field = readonly [key: string, text: string];

/** Reads chunks of text; the first line says what the others are. */
export class PointLines {
  readonly #decoder = new StringDecoder("utf8");
  readonly #nowMs: () => number;
  #header: readonly string[] | "json" | undefined;
  #rest = "";
  #isTooLong = false;
  #number = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** The lines that end in a chunk. */
  *take(chunk: Buffer): Generator<ReadLine> {
    const lines = (this.#rest + this.#decoder.write(chunk)).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const text of lines) yield this.#line(text);
    if (this.#rest.length <= LINE_LENGTH_MAX) return;
    this.#isTooLong = true;
    this.#rest = "";
  }

  /** The line that no line feed ended. */
  *end(): Generator<ReadLine> {
    yield this.#line(this.#rest + this.#decoder.end());
  }

  #line(text: string): ReadLine {
    this.#number += 1;
    const isTooLong = this.#isTooLong || text.length > LINE_LENGTH_MAX;
    this.#isTooLong = false;
    if (isTooLong) return this.#fault(`has more than ${LINE_LENGTH_MAX / 1024} Ki characters`);
    const line = (this.#number === 1 ? text.replace(/^\uFEFF/, "") : text).trim();
    if (line === "") return NOTHING;
    if (this.#header === undefined && !line.startsWith("{")) {
      this.#header = splitCsv(line).map((name) => name.trim());
      return NOTHING;
    }
    this.#header ??= "json";
    const fields = this.#header === "json" ? fieldsOfJson(line) : fieldsOfCsv(line, this.#header);
    return typeof fields === "string" ? this.#fault(fields) : this.#read(fields);
  }

  #read(fields: readonly Field[]): ReadLine {
    const text = (name: string) => fields.find(([key, value]) => key === name && value !== "")?.[1];
    const step = readInteger(text("step") ?? "0");
    const timestampMs = readInteger(text("timestamp") ?? String(this.#nowMs()));
    if (step === undefined) return this.#fault("has a step that is no whole number from -2^63 to 2^63-1");
    // The daemon would refuse it with all of its metric that is in the batch.
    if (timestampMs === undefined || timestampMs < 0n)
      return this.#fault("has a timestamp that is not in whole milliseconds since 1970");
    const metrics = fields.filter(([key, value]) => key !== "step" && key !== "timestamp" && value !== "");
    const points: Point[] = [];
    const faults: string[] = [];
    for (const [key, written] of metrics) {
      const value = readNumber(written);
      if (value === undefined) faults.push(this.#said(`has a ${JSON.stringify(key)} that is no number`));
      else points.push({ key, step, timestampMs, value });
    }
    return { points, faults };
  }

  #fault(what: string): ReadLine {
    return { points: [], faults: [this.#said(what)] };
  }

  #said(what: string): string {
    return `Line ${this.#number} ${what}.`;
  }
}

/** Texts, and whole numbers of so many digits that a double may round them. */
const WHOLE_NUMBER = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/** Numbers as texts, which stay as they are. */
function quoted(found: string): string {
  return found.startsWith('"') ? found : `"${found}"`;
}

/** Also as Python writes it, with a bare NaN or Infinity. A null is no point. */
function fieldsOfJson(line: string): readonly Field[] | string {
  const exact = /\d{16}/.test(line) ? line.replace(WHOLE_NUMBER, quoted) : line;
  const parsed = parseJson(exact) ?? parseJson(exact.replace(/(:\s*)(NaN|-?Infinity)(?=\s*[,}])/g, '$1"$2"'));
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return "is no object of JSON";
  return Object.entries(parsed)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => [
      key,
      typeof value === "string" || typeof value === "number" ? String(value) : "{}",
    ]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function fieldsOfCsv(line: string, header: readonly string[]): readonly Field[] | string {
  const cells = splitCsv(line);
  if (cells.length !== header.length) return `has ${cells.length} cells, and the header ${header.length}`;
  return header.map((name, index) => [name, (cells[index] ?? "").trim()]);
}

/** Cells between commas; one that is quoted may hold commas, and quotes that are doubled. */
function splitCsv(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:\s*"((?:[^"]|"")*)"\s*(?=,|$)|([^,]*))/g)].map(
    ([, quoted, plain = ""]) => quoted?.replaceAll('""', '"') ?? plain,
  );
}
