/** Texts by the cells that a terminal gives them: wide characters take two, marks none. */
import stringWidth from "string-width";

/**
 * Nearly all texts: letters of Latin, what borders, blocks and dots are made of, and signs of the command's own, a cell each. The
 * others are looked at character by character, by a package whose tables take 20 ms to load.
 */
const PLAIN =
  /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u017f\u2013\u2014\u2018-\u201d\u2026\u2191\u2193\u2500-\u25a0\u25c6\u25cf\u2713\u2717\u2800-\u28ff]*$/;

/** Widths of others: a list asks for each several times. */
const known = new Map<string, number>();
const KNOWN_MAX = 20_000;

/** Whether each character of a text is one code unit and takes one cell. */
export function isPlain(text: string): boolean {
  return PLAIN.test(text);
}

/** How many cells a text takes. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  const width = known.get(text) ?? stringWidth(text);
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(text, width);
  return width;
}

/** The text, or its beginning and an ellipsis in so many cells. No character is cut in two. */
export function cutTo(text: string, cells: number, ellipsis = "…"): string {
  if (widthOf(text) <= cells) return text;
  const room = Math.max(0, cells - widthOf(ellipsis));
  return `${beginningOf(text, room).trimEnd()}${ellipsis}`;
}

/** The text in lines of so many cells at most, broken at spaces; a word that is longer, as an address, stays whole. */
export function wrapTo(text: string, cells: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && widthOf(longer) > cells) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

/** The text with spaces behind it, in so many cells at least. */
export function padTo(text: string, cells: number): string {
  return text + " ".repeat(Math.max(0, cells - widthOf(text)));
}

function beginningOf(text: string, cells: number): string {
  if (PLAIN.test(text)) return text.slice(0, cells);
  let begin = "";
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    width += widthOf(segment);
    if (width > cells) break;
    begin += segment;
  }
  return begin;
}
