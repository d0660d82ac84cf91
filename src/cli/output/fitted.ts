/**
 * Lists and records as a terminal shows them: no line is wider than it is, unless a single word is. Columns that say
 * nothing go, long texts are cut, ids are as short as they can be, times are told from now. Where that does not do, a list's items stand below one
 * another. Whoever wants all of it has a pipe or -o.
 */
import { type Column, cellOf, type Plain, type PlainRecord } from "./answer.js";
import { statusColored, styled } from "./colors.js";
import { people, titleOf } from "./people.js";
import { ellipsisOf, type Screen } from "./screen.js";
import { columnsOf, partsOf } from "./table.js";
import { cutTo, padTo, widthOf, wrapTo } from "./text-width.js";

/** Cells between two columns. */
const GAP = 2;
/** No column of texts is cut to less. */
const CELLS_MIN = 10;
/** Nor one of sentences. */
const SENTENCE_CELLS_MIN = 24;
const SENTENCE = /(reason|error|finding|warning|message|configuration)$/;
/** An id is not shown by less, so that it looks like one. */
const ID_DIGITS_MIN = 8;
/** What people copy is not cut. */
const WHOLE = /(^|_)(url|uri|endpoint|path|remedy|home)$/;
const ID = /(^|_)id$/;

/** A list; an empty one is an empty text. */
export function fittedList(
  columns: readonly Column[],
  items: readonly PlainRecord[],
  screen: Screen,
  nowMs: number,
): string {
  if (items.length === 0) return "";
  const cells = columns.map((column) => ({
    key: column.key,
    mayGo: column.mayGo ?? false,
    goesBelow: column.goesBelow ?? false,
    title: (column.title ?? titleOf(column.key)).toUpperCase(),
    texts: shortTexts(
      column.key,
      items.map((item) => cellOf(column, item)),
      nowMs,
    ),
  }));
  const told = cells.filter(({ texts }) => texts.some((text) => text !== "-"));
  for (let some = told; ; ) {
    const widths = fitWidths(some, screen.columns);
    const below = told.filter((column) => column.goesBelow && !some.includes(column));
    if (widths) return tableOf(some, widths, below, screen);
    const leaves = some.findLastIndex(({ mayGo }) => mayGo);
    if (leaves === -1) return blocksOf(told, screen);
    some = some.filter((_, index) => index !== leaves);
  }
}

/** A record: lines of name and value, then its lists. */
export function fittedRecord(record: PlainRecord, screen: Screen, nowMs: number): string {
  const { fields, lists } = partsOf(record);
  const texts = fields
    .map(([key, value]) => ({ title: titleOf(key), text: people(key, value, nowMs) }))
    .filter(({ text }) => text !== "-");
  const tables = lists.map(([key, items]) => {
    const heading = styled(screen, "bold", titleOf(key));
    return `\n${heading}\n${fittedList(columnsOf(items), items, screen, nowMs)}`;
  });
  return linesOf(texts, screen) + tables.join("");
}

interface Cells {
  readonly key: string;
  readonly mayGo: boolean;
  readonly goesBelow: boolean;
  readonly title: string;
  readonly texts: readonly string[];
}

/** A column's texts; ids are cut to as many digits as tell them apart. */
function shortTexts(key: string, values: readonly Plain[], nowMs: number): string[] {
  const texts = values.map((value) => people(key, value, nowMs));
  if (!ID.test(key) || !texts.every((text) => text === "-" || /^[0-9a-f]{32}$/.test(text))) return texts;
  const digits = uniqueDigits(texts.filter((text) => text !== "-"));
  return texts.map((text) => text.slice(0, digits));
}

/** How many digits tell ids apart, at least. */
function uniqueDigits(ids: readonly string[]): number {
  const sorted = [...new Set(ids)].sort();
  return sorted.reduce((most, id, index) => {
    const before = sorted[index - 1] ?? "";
    let same = 0;
    while (same < id.length && id[same] === before[same]) same += 1;
    return Math.max(most, same + 1);
  }, ID_DIGITS_MIN);
}

/** A width for each column; undefined where they do not fit beside one another. */
function fitWidths(cells: readonly Cells[], columns: number): number[] | undefined {
  const widths = cells.map(({ title, texts }) =>
    texts.reduce((most, text) => Math.max(most, widthOf(text)), widthOf(title)),
  );
  const least = cells.map(({ key, title }, index) => {
    const width = widths[index] ?? 0;
    const min = SENTENCE.test(key) ? SENTENCE_CELLS_MIN : CELLS_MIN;
    return isFixed(key) ? width : Math.min(width, Math.max(min, widthOf(title)));
  });
  let over = sum(widths) + GAP * (widths.length - 1) - columns;
  // The widest gives way first.
  while (over > 0) {
    const widest = widths.reduce(
      (best, width, index) =>
        width > (least[index] ?? 0) && (best === -1 || width > (widths[best] ?? 0)) ? index : best,
      -1,
    );
    if (widest === -1) return undefined;
    widths[widest] = (widths[widest] ?? 0) - 1;
    over -= 1;
  }
  return widths;
}

/** Numbers, times, ids and what is copied are of use as a whole only. */
function isFixed(key: string): boolean {
  return WHOLE.test(key) || ID.test(key) || /(^|_)(ms|seconds|bytes|points|status|state)$/.test(key);
}

function tableOf(
  cells: readonly Cells[],
  widths: readonly number[],
  below: readonly Cells[],
  screen: Screen,
): string {
  const ellipsis = ellipsisOf(screen);
  const lineOf = (texts: readonly string[], color: (text: string, word: string) => string) =>
    texts
      .map((text, index) => {
        const width = widths[index] ?? 0;
        const shown = cutTo(text, width, ellipsis);
        const isLast = index === texts.length - 1;
        return color(shown, text) + " ".repeat(isLast ? 0 : width - widthOf(shown) + GAP);
      })
      .join("")
      .trimEnd();
  const head = lineOf(
    cells.map(({ title }) => title),
    (text) => styled(screen, "bold", text),
  );
  const rows = (cells[0]?.texts ?? []).flatMap((_, row) => [
    lineOf(
      cells.map(({ texts }) => texts[row] ?? ""),
      (text, word) => statusColored(screen, word, text),
    ),
    ...below.flatMap(({ texts }) => belowLines(texts, row, screen)),
  ]);
  return `${[head, ...rows].join("\n")}\n`;
}

/** What stands below a row: below the first one that has it, as a thousand may have the same. */
function belowLines(texts: readonly string[], row: number, screen: Screen): string[] {
  const text = texts[row] ?? "-";
  if (text === "-" || texts.indexOf(text) < row) return [];
  return wrapTo(text, Math.max(CELLS_MIN, screen.columns - GAP)).map((line) => " ".repeat(GAP) + line);
}

/** Items below one another, with a line between two. */
function blocksOf(cells: readonly Cells[], screen: Screen): string {
  const blocks = (cells[0]?.texts ?? []).map((_, row) => {
    const fields = cells.map(({ key, title, texts }) => ({
      title: title.toLowerCase(),
      text: texts[row] ?? "-",
      isCut: !WHOLE.test(key) && !SENTENCE.test(key),
    }));
    return linesOf(
      fields.filter(({ text }) => text !== "-"),
      screen,
    );
  });
  return blocks.join("\n");
}

interface Field {
  readonly title: string;
  readonly text: string;
  /** Whether it has one line, as in a table: a list of runs is not filled by one name. */
  readonly isCut?: boolean;
}

function linesOf(fields: readonly Field[], screen: Screen): string {
  const margin = fields.reduce((most, { title }) => Math.max(most, widthOf(title)), 0) + GAP;
  return fields
    .map(({ title, text, isCut = false }) => {
      const room = Math.max(CELLS_MIN, screen.columns - margin);
      const [first = "", ...rest] = wrapTo(isCut ? cutTo(text, room, ellipsisOf(screen)) : text, room);
      const begin = styled(screen, "dim", padTo(title, margin));
      return [
        `${begin}${statusColored(screen, text, first)}`,
        ...rest.map((line) => " ".repeat(margin) + line),
      ]
        .map((line) => `${line.trimEnd()}\n`)
        .join("");
    })
    .join("");
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
