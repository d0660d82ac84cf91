/** A file of settings in YAML, read strictly: whatever is wrong is said with its line, and an unknown name is wrong. */
import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from "yaml";
import type { StepwellError } from "../../errors/stepwell-error.js";

/** What is thrown for a place in the file. */
export type FaultAt = (line: number, what: string) => StepwellError;

/** One value of the file, where it stands. */
export class Place {
  readonly #node: unknown;
  readonly #lines: LineCounter;
  /** How it is called in sentences. */
  readonly #what: string;
  readonly #fault: FaultAt;
  /** Where its name stands; undefined: it has none. */
  readonly #nameLine: number | undefined;

  private constructor(
    node: unknown,
    lines: LineCounter,
    what: string,
    fault: FaultAt,
    nameLine: number | undefined,
  ) {
    this.#node = node;
    this.#lines = lines;
    this.#what = what;
    this.#fault = fault;
    this.#nameLine = nameLine;
  }

  /** Throws what `fault` makes for a text that is no YAML. */
  static read(text: string, fault: FaultAt): Place {
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, logLevel: "silent", merge: false });
    const [first] = document.errors;
    if (first) {
      const at = first.linePos?.[0].line ?? 1;
      throw fault(at, `is no YAML: ${first.message.split("\n")[0]?.replace(/ at line .*$/, "") ?? ""}`);
    }
    return new Place(document.contents, lines, "the file", fault, 1);
  }

  /** A mapping's values by their names, which are among `known`; any name where that is undefined. */
  mapping(known: readonly string[] | undefined): Map<string, Place> {
    if (!isMap(this.#node)) throw this.wrong("is no mapping");
    const places = new Map<string, Place>();
    for (const { key, value } of this.#node.items as Pair[]) {
      const line = this.#lineOf(key);
      const name = isScalar(key) ? String(key.value) : "";
      if (name === "") throw this.#fault(line, `${this.#what} has a name that is no text`);
      if (known && !known.includes(name))
        throw this.#fault(line, `${this.#what} has no setting ${name}; there are: ${known.join(", ")}`);
      places.set(name, new Place(value, this.#lines, name, this.#fault, line));
    }
    return places;
  }

  /** A list's values; at least one and no more than `max`. A single value is a list of one. */
  list(max: number): Place[] {
    if (!isSeq(this.#node)) return [this];
    const { items } = this.#node;
    if (items.length === 0 || items.length > max)
      throw this.wrong(`has ${items.length} entries; 1 to ${max} are allowed`);
    return items.map(
      (each) => new Place(each, this.#lines, `an entry of ${this.#what}`, this.#fault, undefined),
    );
  }

  /** A text that is not empty. Numbers and yes or no are written without quotes by many. */
  text(charactersMax: number): string {
    const value = isScalar(this.#node) ? this.#node.value : undefined;
    const text = ["string", "number", "boolean"].includes(typeof value) ? String(value) : "";
    if (text === "") throw this.wrong("is missing, or no text");
    if (text.length > charactersMax) throw this.wrong(`is longer than ${charactersMax} characters`);
    return text;
  }

  number(min: number, max: number): number {
    const value = isScalar(this.#node) ? this.#node.value : undefined;
    if (typeof value !== "number" || !Number.isFinite(value) || value < min || value > max)
      throw this.wrong(`is no number from ${min} to ${max}`);
    return value;
  }

  /** What is wrong with this value: a sentence's end. */
  wrong(what: string): StepwellError {
    const isWhole = isMap(this.#node) || !(this.#node as Node | null)?.range;
    const line = isWhole && this.#nameLine !== undefined ? this.#nameLine : this.#lineOf(this.#node);
    return this.#fault(line, `${this.#what} ${what}`);
  }

  #lineOf(node: unknown): number {
    const range = (node as Node | null)?.range;
    return range ? this.#lines.linePos(range[0]).line : (this.#nameLine ?? 1);
  }
}
