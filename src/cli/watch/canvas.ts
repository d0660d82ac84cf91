/** A screen's cells, each with a character and a style. What is put there steers no terminal. Pure. */
import { visible } from "../output/people.js";
import { ellipsisOf } from "../output/screen.js";
import { cutTo, isPlain, widthOf } from "../output/text-width.js";

/** How a cell looks. A colour is one of the 256 that terminals have. */
export interface Style {
  readonly color?: number;
  readonly isBold?: boolean;
  readonly isDim?: boolean;
  readonly isInverse?: boolean;
}

/** Cells beside one another that look alike and are to be written. */
export interface Piece {
  readonly x: number;
  readonly y: number;
  readonly style: Style;
  text: string;
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
  readonly #isUnicode: boolean;

  /** On a screen that shows no more than ASCII all else is a question mark. */
  constructor(columns: number, rows: number, isUnicode = true) {
    this.#columns = columns;
    this.#isUnicode = isUnicode;
    this.#characters = Array.from({ length: rows }, () => new Array<string>(columns).fill(" "));
    this.#styles = Array.from({ length: rows }, () => new Array<Style>(columns).fill(PLAIN));
  }

  /** Puts a text into so many cells at most, cut with an ellipsis; answers the column behind it. */
  put(x: number, y: number, text: string, style: Style = PLAIN, cells = Number.POSITIVE_INFINITY): number {
    const room = Math.min(cells, this.#columns - x);
    if (room <= 0) return x;
    let at = x;
    if (text.length <= room && isPlain(text) && (this.#isUnicode || isAscii(text))) {
      for (let index = 0; index < text.length; index++) this.set(at++, y, text[index] ?? "", style);
      return at;
    }
    const ellipsis = ellipsisOf({ isUnicode: this.#isUnicode });
    for (const character of cutTo(this.#shown(text), room, ellipsis)) {
      const width = widthOf(character);
      if (width === 0 || at + width > x + room) continue;
      this.set(at, y, character, style);
      if (width === 2) this.set(at + 1, y, at < 0 ? " " : TAKEN, style);
      at += width;
    }
    return at;
  }

  /** Puts a text so that it ends before a column. */
  putBefore(x: number, y: number, text: string, style: Style = PLAIN): void {
    this.put(x - widthOf(this.#shown(text)), y, text, style);
  }

  #shown(text: string): string {
    const seen = shown(text);
    return this.#isUnicode ? seen : seen.replace(/[^\x20-\x7e]/gu, "?");
  }

  /** Puts one character of one cell. */
  set(x: number, y: number, character: string, style: Style): void {
    const [characters, styles] = [this.#characters[y], this.#styles[y]];
    if (!characters || !styles || x < 0 || x >= this.#columns) return;
    // Half of a character that takes two cells is none.
    if (characters[x] === TAKEN && character !== TAKEN) characters[x - 1] = " ";
    if (characters[x + 1] === TAKEN) characters[x + 1] = " ";
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

  /**
   * What is to be written so that a screen that shows `before` shows this; undefined: an empty one. A character that a terminal may
   * give another width than it has here is the last of its piece, so that no other one is moved by it.
   */
  changesFrom(before?: Canvas): Piece[] {
    const pieces: Piece[] = [];
    for (let y = 0; y < this.#characters.length; y++) this.#changesOfRow(y, before, pieces);
    return pieces;
  }

  #changesOfRow(y: number, before: Canvas | undefined, pieces: Piece[]): void {
    const [characters = [], styles = []] = [this.#characters[y], this.#styles[y]];
    const [old, oldStyles] = before ? [before.#characters[y], before.#styles[y]] : [];
    let piece: Piece | undefined;
    for (let x = 0; x < characters.length; x++) {
      const [character = " ", style = PLAIN] = [characters[x], styles[x]];
      // The second cell of a character that takes two is written with its first.
      if (character === TAKEN) continue;
      const isWide = characters[x + 1] === TAKEN;
      const isSame = (at: number) =>
        old
          ? old[at] === characters[at] && isAlike(oldStyles?.[at] ?? PLAIN, styles[at] ?? PLAIN)
          : characters[at] === " " && style.isInverse !== true;
      if (isSame(x) && (!isWide || isSame(x + 1))) {
        piece = undefined;
        continue;
      }
      if (piece?.style === style) piece.text += character;
      else {
        piece = { x, y, style, text: character };
        pieces.push(piece);
      }
      if (!isPlain(character)) piece = undefined;
    }
  }

  /** The text alone. */
  toString(): string {
    return this.#characters.map((characters) => characters.join("").trimEnd()).join("\n");
  }
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

function isAlike(one: Style, other: Style): boolean {
  return (
    one === other ||
    (one.color === other.color &&
      one.isBold === other.isBold &&
      one.isDim === other.isDim &&
      one.isInverse === other.isInverse)
  );
}

/** A text in characters of cells of their own: nothing that steers, joins or turns round what stands beside it. */
function shown(text: string): string {
  if (isPlain(text)) return text;
  return visible(text.normalize("NFC")).replace(/[\p{M}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu, "");
}
