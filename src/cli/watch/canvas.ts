/** A screen's cells, each with a character and a style. What is put there steers no terminal. Pure. */
import { visible } from "../output/people.js";
import { cutTo, widthOf } from "../output/text-width.js";

/** How a cell looks. A colour is one of the 256 that terminals have. */
export interface Style {
  readonly color?: number;
  readonly isBold?: boolean;
  readonly isDim?: boolean;
  readonly isInverse?: boolean;
}

/** Cells beside one another that look alike. */
export interface Span {
  readonly text: string;
  readonly style: Style;
  readonly cells: number;
}

export const PLAIN: Style = {};
export const DIM: Style = { isDim: true };
export const BOLD: Style = { isBold: true };

/** Behind a character that takes two cells. */
const TAKEN = "";

export class Canvas {
  readonly #characters: string[][];
  readonly #styles: Style[][];
  readonly #columns: number;

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#characters = Array.from({ length: rows }, () => new Array<string>(columns).fill(" "));
    this.#styles = Array.from({ length: rows }, () => new Array<Style>(columns).fill(PLAIN));
  }

  /** Puts a text into so many cells at most, cut with an ellipsis; answers the column behind it. */
  put(x: number, y: number, text: string, style: Style = PLAIN, cells = Number.POSITIVE_INFINITY): number {
    const room = Math.min(cells, this.#columns - x);
    if (room <= 0) return x;
    let at = x;
    for (const character of cutTo(shown(text), room)) {
      const width = widthOf(character);
      if (width === 0 || at + width > x + room) continue;
      this.set(at, y, character, style);
      if (width === 2) this.set(at + 1, y, TAKEN, style);
      at += width;
    }
    return at;
  }

  /** Puts a text so that it ends before a column. */
  putBefore(x: number, y: number, text: string, style: Style = PLAIN): void {
    this.put(x - widthOf(shown(text)), y, text, style);
  }

  /** Puts one character of one cell. */
  set(x: number, y: number, character: string, style: Style): void {
    const [characters, styles] = [this.#characters[y], this.#styles[y]];
    if (!characters || !styles || x < 0 || x >= this.#columns) return;
    characters[x] = character;
    styles[x] = style;
  }

  /** Makes a part look another way. */
  restyle(x: number, y: number, cells: number, change: (style: Style) => Style): void {
    const styles = this.#styles[y];
    for (let at = Math.max(0, x); styles && at < Math.min(this.#columns, x + cells); at++)
      styles[at] = change(styles[at] ?? PLAIN);
  }

  /** Empties a part. */
  clear(x: number, y: number, width: number, height: number): void {
    for (let row = y; row < y + height; row++)
      for (let column = x; column < x + width; column++) this.set(column, row, " ", PLAIN);
  }

  rows(): (readonly Span[])[] {
    return this.#characters.map((characters, y) => {
      const spans: { text: string; style: Style; cells: number }[] = [];
      for (const [x, character] of characters.entries()) {
        const style = this.#styles[y]?.[x] ?? PLAIN;
        const last = spans.at(-1);
        if (last?.style === style) {
          last.text += character;
          last.cells += 1;
        } else spans.push({ text: character, style, cells: 1 });
      }
      return spans;
    });
  }

  /** The text alone. */
  toString(): string {
    return this.#characters.map((characters) => characters.join("").trimEnd()).join("\n");
  }
}

/** A text in characters of cells of their own: nothing that steers, joins or turns round what stands beside it. */
function shown(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return visible(text.normalize("NFC")).replace(/[\p{M}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu, "");
}
