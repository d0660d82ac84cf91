/**
 * Curves as dots in cells. Of each bucket the first value, the least, the greatest and the last are drawn where they stand, so
 * no spike is hidden however many points a column of dots has. Pure.
 */
import type { Curve } from "../../gen/stepwell/v1/curves.js";
import { oddIn, smoothed } from "../../model/curve-parts.js";

/** How dots make up a character. */
export interface Dots {
  readonly columns: number;
  readonly rows: number;
  /** The character of a set of dots: bit = row + rows * column. */
  readonly glyph: (bits: number) => string;
}

export interface RasterOptions {
  /** In cells. */
  readonly width: number;
  readonly height: number;
  readonly dots: Dots;
  readonly isLog: boolean;
  readonly smoothing: number;
  /** The part of the axis; undefined: from the first point to the last. */
  readonly range: readonly [number, number] | undefined;
}

export interface Raster {
  readonly width: number;
  readonly height: number;
  /** Dots of each cell, row by row. */
  readonly bits: Uint8Array;
  /** Whose they are: 0 nobody's, else the curve's place and 1. */
  readonly owners: Uint8Array;
  /** Whether a cell has only what is behind a smoothed line. */
  readonly isBehind: Uint8Array;
  /** Along the axis: from where to where. */
  readonly xRange: readonly [number, number];
  /** Of the finite values in it; undefined: there are none. */
  readonly yRange: readonly [number, number] | undefined;
  /** Whether the scale is logarithmic: only positive values can be. */
  readonly isLog: boolean;
  /** By column of cells: the sign of what no line can show. */
  readonly odd: ReadonlyMap<number, number>;
}

export function rasterOf(curves: readonly (Curve | undefined)[], options: RasterOptions): Raster {
  const { width, height, dots } = options;
  const xRange = options.range ?? xRangeOf(curves);
  const yRange = yRangeOf(curves, xRange);
  const isLog = options.isLog && yRange !== undefined && yRange[0] > 0;
  const made = {
    ...{ bits: new Uint8Array(width * height), owners: new Uint8Array(width * height) },
    ...{ isBehind: new Uint8Array(width * height), odd: new Map<number, number>() },
  };
  const placeX = scaled(xRange, width * dots.columns, false);
  const placeY = scaled(yRange ?? [0, 1], height * dots.rows, isLog);
  for (const [index, curve] of curves.entries()) {
    if (!curve) continue;
    for (let at = 0; at < curve.points.length; at++) {
      const sign = oddIn(curve, at);
      const x = Number(curve.xFirst[at]);
      if (sign === undefined || x < xRange[0] || x > xRange[1]) continue;
      const column = Math.floor(placeX(x) / dots.columns);
      // An infinity says more than what is not a number.
      made.odd.set(column, made.odd.get(column) || sign);
    }
    if (!yRange) continue;
    const pen = penOf(made, { width, height, dots, owner: index + 1 });
    const place = (point: Point) => ({ x: placeX(point.x), y: height * dots.rows - 1 - placeY(point.y) });
    const isRaw = options.smoothing === 0;
    draw(rawPoints(curve), place, (x, y) => pen(x, y, !isRaw));
    if (!isRaw) draw(smoothPoints(curve, options.smoothing), place, (x, y) => pen(x, y, false));
  }
  return { width, height, ...made, xRange, yRange, isLog };
}

interface Point {
  readonly x: number;
  /** Not finite: the line breaks. */
  readonly y: number;
}

function* rawPoints(curve: Curve): Generator<Point> {
  for (let at = 0; at < curve.points.length; at++) {
    const [from, to] = [Number(curve.xFirst[at]), Number(curve.xLast[at])];
    const [first, last] = [curve.first[at] ?? Number.NaN, curve.last[at] ?? Number.NaN];
    yield { x: from, y: first };
    if (curve.points[at] === 1n) continue;
    const [min, max] = [curve.min[at] ?? Number.NaN, curve.max[at] ?? Number.NaN];
    // The line goes to the nearer of the two before the other.
    const isDown = Math.abs(first - min) <= Math.abs(first - max);
    yield { x: from + (to - from) / 3, y: isDown ? min : max };
    yield { x: from + ((to - from) * 2) / 3, y: isDown ? max : min };
    yield { x: to, y: last };
  }
}

function* smoothPoints(curve: Curve, smoothing: number): Generator<Point> {
  for (const [at, y] of smoothed(curve, smoothing).entries())
    yield { x: Number(curve.xLast[at]), y: y ?? Number.NaN };
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Dots of the line through points; a point alone is a dot. */
function draw(
  points: Iterable<Point>,
  place: (point: Point) => Place,
  dot: (x: number, y: number) => void,
): void {
  let last: Place | undefined;
  for (const point of points) {
    const to = place(point);
    if (!Number.isFinite(point.y) || !Number.isFinite(to.y)) {
      last = undefined;
      continue;
    }
    const from = last ?? to;
    const steps = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y), 1);
    for (let step = 0; step <= steps; step++) {
      const part = step / steps;
      dot(Math.round(from.x + (to.x - from.x) * part), Math.round(from.y + (to.y - from.y) * part));
    }
    last = to;
  }
}

/** Sets dots of one curve. What is behind takes no cell that has more to say. */
function penOf(
  { bits, owners, isBehind }: Pick<Raster, "bits" | "owners" | "isBehind">,
  {
    width,
    height,
    dots,
    owner,
  }: Pick<RasterOptions, "width" | "height" | "dots"> & { readonly owner: number },
) {
  return (x: number, y: number, behind: boolean) => {
    const [column, row] = [Math.floor(x / dots.columns), Math.floor(y / dots.rows)];
    if (x < 0 || column >= width || y < 0 || row >= height) return;
    const cell = row * width + column;
    const bit = 1 << ((y % dots.rows) + dots.rows * (x % dots.columns));
    const isFront = owners[cell] !== 0 && isBehind[cell] === 0;
    bits[cell] = (bits[cell] ?? 0) | bit;
    if (behind && isFront) return;
    owners[cell] = owner;
    isBehind[cell] = behind ? 1 : 0;
  };
}

/** The dot at which a value stands. What is far outside stays a number that can be drawn to. */
function scaled(
  [from, to]: readonly [number, number],
  dots: number,
  isLog: boolean,
): (value: number) => number {
  const of = isLog ? Math.log10 : (value: number) => value;
  const [low, high] = [of(from), of(to)];
  if (!(high > low)) return () => (dots - 1) >> 1;
  // Halves: the width of all doubles is more than one holds.
  const width = high / 2 - low / 2;
  return (value) => {
    const part = (of(value) / 2 - low / 2) / width;
    return Math.round(Math.max(-1, Math.min(2, part)) * (dots - 1));
  };
}

function xRangeOf(curves: readonly (Curve | undefined)[]): readonly [number, number] {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const curve of curves) {
    if (!curve || curve.points.length === 0) continue;
    from = Math.min(from, Number(curve.xFirst[0]));
    to = Math.max(to, Number(curve.xLast.at(-1)));
  }
  return from <= to ? [from, to] : [0, 1];
}

function yRangeOf(
  curves: readonly (Curve | undefined)[],
  [from, to]: readonly [number, number],
): readonly [number, number] | undefined {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const curve of curves)
    for (let at = 0; curve && at < curve.points.length; at++) {
      if (Number(curve.xLast[at]) < from || Number(curve.xFirst[at]) > to) continue;
      const [min, max] = [curve.min[at] ?? Number.NaN, curve.max[at] ?? Number.NaN];
      if (min < low) low = min;
      if (max > high) high = max;
    }
  return low <= high ? [low, high] : undefined;
}
