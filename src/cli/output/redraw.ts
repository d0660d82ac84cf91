/** A text that is drawn over itself, on a terminal that can; elsewhere each follows the one before. */
import { stripVTControlCharacters } from "node:util";
import type { Screen } from "./screen.js";
import { widthOf } from "./text-width.js";

export class Redraw {
  readonly #write: (text: string) => void;
  readonly #screen: Screen | undefined;
  #rows = 0;

  constructor(write: (text: string) => void, screen: Screen | undefined) {
    this.#write = write;
    this.#screen = screen;
  }

  /** Draws a text, which ends with a line feed, in the place of the last one. */
  draw(text: string): void {
    this.#write(`${this.#clearing()}${text}`);
    this.#rows = this.#screen ? rowsOf(text, this.#screen.columns) : 0;
  }

  /** Takes the last one away. */
  clear(): void {
    this.#write(this.#clearing());
    this.#rows = 0;
  }

  /** Up so many lines, and all from there on cleared. */
  #clearing(): string {
    if (!this.#screen?.canRedraw || this.#rows === 0) return "";
    return `\u001b[${this.#rows}A\r\u001b[J`;
  }
}

/** The terminal's lines that a text takes. */
function rowsOf(text: string, columns: number): number {
  const plain = stripVTControlCharacters(text);
  return plain
    .split("\n")
    .slice(0, -1)
    .reduce((rows, line) => rows + Math.max(1, Math.ceil(widthOf(line) / columns)), 0);
}
