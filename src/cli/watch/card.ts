/** Draws one curve with its title and axes. Pure. */
import type { Curve } from "../../gen/stepwell/v1/curves.js";
import { countText, spanText, valueText } from "../output/people.js";
import { widthOf } from "../output/text-width.js";
import { BOLD, type Canvas, DIM, PLAIN, type Style } from "./canvas.js";
import { type Box, type Card, GUTTER } from "./layout.js";
import { BEHIND, letterOf, runBoldStyle, runStyle, type Signs, YELLOW } from "./palette.js";
import { type Raster, rasterOf } from "./raster.js";
import type { WatchState } from "./state.js";

/** The curve of a run and key as far as it was read. */
export type CurveOf = (key: string, runId: string) => Curve | undefined;

/** Spaces between the last values of runs. */
const GAP = 2;
/** Columns of a curve between two letters of one run. */
const LETTERS_EVERY = 12;
const DAY_MS = 86_400_000;

export function drawCard(
  canvas: Canvas,
  state: WatchState,
  { key, box, plot }: Card,
  curveOf: CurveOf,
  signs: Signs,
): void {
  const curves = state.chosen.map((runId) => curveOf(key, runId));
  const { isLog, smoothing, range } = state;
  const raster = rasterOf(curves, {
    ...{ width: plot.width, height: plot.height, dots: signs.dots, isLog, smoothing, range },
  });
  drawTitle(canvas, state, { key, box, plot }, curveOf, signs);
  for (let row = 0; row < plot.height; row++)
    for (let column = 0; column < plot.width; column++) {
      const cell = row * plot.width + column;
      const bits = raster.bits[cell] ?? 0;
      if (bits === 0) continue;
      const style = raster.isBehind[cell] === 1 ? BEHIND : runStyle((raster.owners[cell] ?? 1) - 1);
      canvas.set(plot.x + column, plot.y + row, signs.dots.glyph(bits), style);
    }
  if (letterOf(signs, state, 0) !== "") drawLetters(canvas, state, plot, raster, signs);
  drawAxes(canvas, state, { key, box, plot }, raster, signs);
}

/** Puts each run's letter on its curve here and there, once at least: where it alone can be seen. */
function drawLetters(canvas: Canvas, state: WatchState, plot: Box, raster: Raster, signs: Signs): void {
  const every = Math.max(LETTERS_EVERY, 2 * state.chosen.length);
  for (const at of state.chosen.keys()) {
    const rowAt = (column: number) => {
      for (let row = 0; row < plot.height; row++) {
        const cell = row * plot.width + column;
        if (raster.owners[cell] === at + 1 && raster.isBehind[cell] === 0) return row;
      }
      return -1;
    };
    const columns = Array.from({ length: plot.width }, (_, column) => column).filter(
      (column) => rowAt(column) >= 0,
    );
    const some = columns.filter((column) => (column + 2 * at) % every === every - 1);
    for (const column of some.length > 0 ? some : columns.slice(-1))
      canvas.set(plot.x + column, plot.y + rowAt(column), letterOf(signs, state, at), runBoldStyle(at));
  }
}

function drawTitle(
  canvas: Canvas,
  state: WatchState,
  { key, box }: Card,
  curveOf: CurveOf,
  signs: Signs,
): void {
  const isAt = state.keyAt === key && state.focus === "curves";
  const values = lastValues(state, key, curveOf, signs);
  const most = Math.floor(box.width * (values.length > 1 ? 0.6 : 0.5));
  let end = box.x + box.width;
  // The first run's is nearest to the title.
  const shown: { readonly text: string; readonly at: number }[] = [];
  let cells = 0;
  for (const value of values) {
    cells += widthOf(value.text) + GAP;
    if (cells > most && shown.length > 0) break;
    shown.push(value);
  }
  for (const { text, at } of shown.reverse()) {
    canvas.putBefore(end, box.y, text, runBoldStyle(at));
    end -= widthOf(text) + GAP;
  }
  if (isAt) canvas.put(box.x, box.y, signs.mark, runBoldStyle(0));
  const title = `${state.pinned.includes(key) ? signs.pinned : ""}${key}`;
  canvas.put(box.x + 1, box.y, title, isAt ? BOLD : PLAIN, Math.max(1, end - box.x - 1));
}

/** The last value of each chosen run that has the key. */
function lastValues(state: WatchState, key: string, curveOf: CurveOf, signs: Signs) {
  return state.chosen.flatMap((runId, at) => {
    const value = lastValueOf(state, key, runId, curveOf);
    if (value === undefined) return [];
    const letter = letterOf(signs, state, at);
    const text = valueText(numberWord(value));
    return [{ text: letter === "" ? text : `${letter} ${text}`, at }];
  });
}

/** As it was told; until then the last of a curve that was read whole. */
export function lastValueOf(
  { keys, axis, range }: WatchState,
  key: string,
  runId: string,
  curveOf: CurveOf,
): number | undefined {
  const told = keys.get(key)?.get(runId)?.lastValue;
  if (told !== undefined || axis !== "step" || range) return told;
  return curveOf(key, runId)?.last.at(-1);
}

function numberWord(value: number): number | string {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? "NaN" : value > 0 ? "inf" : "-inf";
}

function drawAxes(
  canvas: Canvas,
  { axis, isLog }: WatchState,
  { plot }: Card,
  raster: Raster,
  signs: Signs,
): void {
  const { yRange, xRange, odd } = raster;
  const lines = signs.dots.axis;
  const label = (row: number, text: string) =>
    canvas.putBefore(plot.x - 2, plot.y + row, text.slice(0, GUTTER - 2), DIM);
  const last = plot.height - 1;
  const isTicked = new Set<number>();
  if (yRange) {
    const middle = raster.isLog ? Math.sqrt(yRange[0]) * Math.sqrt(yRange[1]) : yRange[0] / 2 + yRange[1] / 2;
    const labels: [number, number][] =
      yRange[0] === yRange[1]
        ? [[Math.floor(last / 2), yRange[0]]]
        : [[0, yRange[1]], [last, yRange[0]], ...(plot.height >= 6 ? [[last / 2, middle] as const] : [])].map(
            ([row = 0, value = 0]) => [Math.round(row), value],
          );
    for (const [row, value] of labels) {
      // A plot of one line has room for one.
      if (isTicked.has(row)) continue;
      label(row, shortValue(value));
      isTicked.add(row);
    }
  }
  for (let row = 0; row <= last; row++)
    canvas.set(plot.x - 1, plot.y + row, isTicked.has(row) ? lines.tick : lines.side, DIM);
  const floor = plot.y + plot.height;
  canvas.set(plot.x - 1, floor, lines.corner, DIM);
  for (let column = 0; column < plot.width; column++) {
    const sign = odd.get(column);
    const style: Style = sign === undefined ? DIM : YELLOW;
    const character = sign === undefined ? lines.floor : (signs.odd[sign] ?? "");
    canvas.set(plot.x + column, floor, character, style);
  }
  const [from, to] = [placeText(axis, xRange[0], xRange), placeText(axis, xRange[1], xRange)];
  if (!yRange && odd.size === 0) return;
  const scale = isLog ? (raster.isLog ? "log" : "no log: not all are positive") : "";
  canvas.put(plot.x, floor + 1, from, DIM, plot.width);
  const room = plot.width - widthOf(from) - widthOf(to) - 2;
  if (room > 0) canvas.putBefore(plot.x + plot.width, floor + 1, to, DIM);
  if (scale !== "" && room > widthOf(scale) + 2)
    canvas.put(plot.x + widthOf(from) + 2, floor + 1, scale, DIM);
}

/** A place along an axis, as short as its range allows. */
export function placeText(
  axis: WatchState["axis"],
  place: number,
  [from, to]: readonly [number, number],
): string {
  // Beyond 2^53 the last digits would be none of any step.
  if (axis === "step")
    return Number.isSafeInteger(Math.round(place)) ? countText(Math.round(place)) : valueText(place);
  if (axis === "relative") {
    const sign = place < 0 ? "-" : "";
    const ms = Math.abs(place);
    return ms < 10_000 && ms > 0 ? `${sign}${(ms / 1_000).toFixed(1)} s` : `${sign}${spanText(ms / 1_000)}`;
  }
  const date = new Date(place);
  if (Number.isNaN(date.getTime())) return valueText(place);
  const two = (part: number) => String(part).padStart(2, "0");
  const day = `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return to - from >= DAY_MS ? `${day} ${time}` : time;
}

/** A value in the cells of a label, with as many digits as fit: never a part of its exponent. */
function shortValue(value: number): string {
  const texts = [valueText(value), ...[1, 0].map((digits) => value.toExponential(digits).replace("e+", "e"))];
  return texts.find((text) => text.length <= GUTTER - 2) ?? "";
}
