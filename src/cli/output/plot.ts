/** Draws curves in the terminal: braille dots or blocks where it can show them, else plain ASCII. */
import { countText, valueText } from "./people.js";

/** A point of a curve. */
export interface PlotPoint {
  readonly step: number;
  readonly value: number;
}

/** What is drawn. */
export interface Plot {
  readonly title: string;
  /** In the order of their steps; what is no finite number is left out. */
  readonly points: readonly PlotPoint[];
  /** Whether a logarithmic axis is wanted, which only positive values can have. */
  readonly isLog?: boolean;
  readonly width: number;
  readonly height: number;
  readonly isUnicode: boolean;
}

/** How dots make up a character: the cell's size, and the glyph for a set of them (bit = row + rows * column). */
export const BRAILLE = {
  columns: 2,
  rows: 4,
  // Unicode's own order of the eight dots.
  glyph: (bits: number) => {
    const order = [0, 1, 2, 6, 3, 4, 5, 7];
    const pattern = order.reduce((sum, to, bit) => sum + (((bits >> bit) & 1) << to), 0);
    return pattern === 0 ? " " : String.fromCodePoint(0x2800 + pattern);
  },
  axis: { side: "│", tick: "┤", corner: "└", floor: "─" },
};
export const ASCII = {
  columns: 1,
  rows: 2,
  glyph: (bits: number) => " '.:"[bits] ?? " ",
  axis: { side: "|", tick: "+", corner: "+", floor: "-" },
};
const BLOCKS = "▁▂▃▄▅▆▇█".split("");
const ASCII_BLOCKS = "_.-=+*#".split("");

/** How wide the axis' labels are. */
const GUTTER = 10;

/** A curve in one line of at most so many characters; empty where there is none to draw. */
export function sparkline(values: readonly number[], width: number, isUnicode: boolean): string {
  const points = values.map((value, step) => ({ step, value })).filter(isFinitePoint);
  if (points.length < 2) return "";
  const heights = meansOf(points, Math.min(width, points.length)).filter((mean) => mean !== undefined);
  const levels = isUnicode ? BLOCKS : ASCII_BLOCKS;
  const [low, high] = rangeOf(heights);
  const levelOf = (value: number) =>
    high === low
      ? (levels.length - 1) >> 1
      : Math.round(((value - low) / (high - low)) * (levels.length - 1));
  return heights.map((value) => levels[levelOf(value)] ?? "").join("");
}

/**
 * The lines of a plot, none wider than `width` characters. A column of dots shows the mean of the points that fall into
 * it; the minimum and maximum of the title are those of the points.
 */
export function plot({ title, points: given, isLog = false, width, height, isUnicode }: Plot): string[] {
  const points = given.filter(isFinitePoint);
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return [`${title}: no points`];
  const style = isUnicode ? BRAILLE : ASCII;
  const columns = Math.max(10, width - GUTTER - 1);
  const means = meansOf(points, columns * style.columns);
  const isLogPossible = isLog && means.every((mean) => mean === undefined || mean > 0);
  const scale = isLogPossible ? Math.log10 : (value: number) => value;
  const unscale = isLogPossible ? (value: number) => 10 ** value : scale;
  const heights = means.map((mean) => (mean === undefined ? undefined : scale(mean)));
  const [bottom, top] = rangeOf(heights.filter((value) => value !== undefined));

  const grid = Array.from({ length: height }, () => new Uint8Array(columns));
  for (const { x, y } of dotsOf(heights, { bottom, top, rows: height * style.rows })) {
    const row = grid[Math.floor(y / style.rows)];
    const at = Math.floor(x / style.columns);
    if (row) row[at] = (row[at] ?? 0) | (1 << ((y % style.rows) + style.rows * (x % style.columns)));
  }
  const { axis } = style;
  const labelled = [0, Math.floor((height - 1) / 2), height - 1];
  const body = grid.map((row, index) => {
    const value = unscale(top - ((top - bottom) * index) / Math.max(1, height - 1));
    const label = labelled.includes(index)
      ? `${valueText(value).padStart(GUTTER - 1)} ${axis.tick}`
      : " ".repeat(GUTTER) + axis.side;
    return `${label}${Array.from(row, style.glyph).join("")}`.trimEnd();
  });
  const from = `step ${first.step}`;
  return [
    headingOf(title, points, isLogPossible),
    ...body,
    `${" ".repeat(GUTTER)}${axis.corner}${axis.floor.repeat(columns)}`,
    `${" ".repeat(GUTTER + 1)}${from}${String(last.step).padStart(columns - from.length)}`,
  ];
}

function isFinitePoint({ value }: PlotPoint): boolean {
  return Number.isFinite(value);
}

function headingOf(title: string, points: readonly PlotPoint[], isLog: boolean): string {
  const values = points.map(({ value }) => value);
  const [lowest, highest] = rangeOf(values).map(valueText);
  const scale = isLog ? ", log scale" : "";
  const count = countText(points.length);
  return `${title}: ${count} points, min ${lowest}, max ${highest}, last ${valueText(values.at(-1) ?? 0)}${scale}`;
}

/** Each column's mean; undefined where no point falls into it. */
function meansOf(points: readonly PlotPoint[], columns: number): (number | undefined)[] {
  const from = points[0]?.step ?? 0;
  const span = (points.at(-1)?.step ?? 0) - from || 1;
  const sums = new Float64Array(columns);
  const counts = new Uint32Array(columns);
  for (const { step, value } of points) {
    const column = Math.round(((step - from) / span) * (columns - 1));
    sums[column] = (sums[column] ?? 0) + value;
    counts[column] = (counts[column] ?? 0) + 1;
  }
  return Array.from(sums, (sum, column) => {
    const count = counts[column] ?? 0;
    return count > 0 ? sum / count : undefined;
  });
}

interface Dot {
  readonly x: number;
  readonly y: number;
}

/** The dots of a line through the heights; row 0 is the top. */
function* dotsOf(
  heights: readonly (number | undefined)[],
  { bottom, top, rows }: { readonly bottom: number; readonly top: number; readonly rows: number },
): Generator<Dot> {
  let last: Dot | undefined;
  for (const [x, value] of heights.entries()) {
    if (value === undefined) continue;
    const y = (top === bottom ? 0.5 : (top - value) / (top - bottom)) * (rows - 1);
    const from = last ?? { x, y };
    const steps = Math.max(1, x - from.x, Math.ceil(Math.abs(y - from.y)));
    for (let i = 0; i <= steps; i += 1) {
      const part = i / steps;
      yield { x: Math.round(from.x + (x - from.x) * part), y: Math.round(from.y + (y - from.y) * part) };
    }
    last = { x, y };
  }
}

/** The smallest and the largest; of a curve's points, which may be many. */
function rangeOf(values: readonly number[]): [low: number, high: number] {
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}
