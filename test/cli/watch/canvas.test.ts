/** What is written to a terminal: no more than changed, and afterwards the screen shows what the canvas has. */
import test from "ava";
import * as fc from "fast-check";
import { widthOf } from "../../../src/cli/output/text-width.js";
import { BOLD, Canvas, DIM, type Piece, PLAIN, type Style } from "../../../src/cli/watch/canvas.js";

const [COLUMNS, ROWS] = [12, 3];
const INVERSE: Style = { isInverse: true };

/** A terminal as it takes texts: what stands half under a character that is written over it goes away. */
class Screen {
  readonly #cells = Array.from({ length: ROWS }, () => new Array<string>(COLUMNS).fill(" "));

  write(pieces: readonly Piece[]): void {
    for (const { x, y, text } of pieces) {
      let at = x;
      for (const character of text) {
        const width = widthOf(character);
        for (let cell = at; cell < at + width; cell++) this.#empty(y, cell);
        this.#put(y, at, character);
        if (width === 2) this.#put(y, at + 1, "");
        at += width;
      }
    }
  }

  #put(y: number, x: number, character: string): void {
    const row = this.#cells[y];
    if (!row || x >= COLUMNS) throw new Error(`${x} ${y} is not on the screen`);
    row[x] = character;
  }

  #empty(y: number, x: number): void {
    const row = this.#cells[y] ?? [];
    if (row[x] === "") row[x - 1] = " ";
    if (row[x + 1] === "") row[x + 1] = " ";
    row[x] = " ";
  }

  toString(): string {
    return this.#cells.map((row) => row.join("").trimEnd()).join("\n");
  }
}

const texts = fc.array(
  fc.record({
    x: fc.integer({ min: -3, max: COLUMNS + 1 }),
    y: fc.integer({ min: 0, max: ROWS }),
    text: fc
      .array(fc.constantFrom("a", "b", " ", "…", "字", "漢", "😀", "é", "e\u0301", "\u200b", "\u202e", "⣿"), {
        maxLength: 8,
      })
      .map((parts) => parts.join("")),
    style: fc.constantFrom(PLAIN, BOLD, DIM),
  }),
  { maxLength: 6 },
);

function canvasOf(put: readonly { x: number; y: number; text: string; style: Style }[]): Canvas {
  const canvas = new Canvas(COLUMNS, ROWS);
  for (const { x, y, text, style } of put) canvas.put(x, y, text, style);
  return canvas;
}

test("a screen on which changes are written shows the last canvas, whatever it showed before", (t) => {
  fc.assert(
    fc.property(fc.array(texts, { minLength: 1, maxLength: 5 }), (frames) => {
      const screen = new Screen();
      let before: Canvas | undefined;
      for (const frame of frames) {
        const canvas = canvasOf(frame);
        screen.write(canvas.changesFrom(before));
        if (screen.toString() !== canvas.toString()) return false;
        before = canvas;
      }
      return before?.changesFrom(before).length === 0;
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});

test("what looks another way is written again, and an empty cell only where it can be seen", (t) => {
  const plain = canvasOf([{ x: 0, y: 0, text: "ab", style: PLAIN }]);
  const half = canvasOf([{ x: 0, y: 0, text: "ab", style: PLAIN }]);
  half.restyle(1, 0, 1, () => ({ isBold: true }));
  t.deepEqual(half.changesFrom(plain), [{ x: 1, y: 0, style: { isBold: true }, text: "b" }]);
  const cursor = new Canvas(COLUMNS, ROWS);
  cursor.set(3, 1, " ", INVERSE);
  t.deepEqual(cursor.changesFrom(), [{ x: 3, y: 1, style: INVERSE, text: " " }]);
});

test("a character whose width terminals do not agree on moves none behind it", (t) => {
  const pieces = canvasOf([{ x: 0, y: 0, text: "a字b漢c", style: PLAIN }]).changesFrom();
  t.deepEqual(
    pieces.map(({ x, text }) => [x, text]),
    [
      [0, "a字"],
      [3, "b漢"],
      [6, "c"],
    ],
  );
});
