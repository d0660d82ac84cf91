/** Where everything stands on a screen of some size. Pure. */
import type { WatchState } from "./state.js";

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A curve's place. */
export interface Card {
  readonly key: string;
  readonly box: Box;
  /** Of it: where dots are drawn. */
  readonly plot: Box;
}

export interface Layout {
  readonly size: Size;
  /** Undefined where it is hidden. */
  readonly runs: Box | undefined;
  readonly grid: Box;
  readonly cards: readonly Card[];
  /** How many cards stand beside one another, and how many on a page. */
  readonly across: number;
  readonly perPage: number;
  readonly page: number;
  readonly pages: number;
  /** Metrics of the system: each one's place. */
  readonly system: readonly { readonly key: string; readonly box: Box; readonly sparkCells: number }[];
  readonly systemBox: Box | undefined;
  readonly foot: Box;
}

/** Cells beside a plot for the labels of its values, with the axis. */
export const GUTTER = 9;
/** Lines around a plot: its title, its axis, and what stands along it. */
const AROUND = 3;
const CARD_COLUMNS_MIN = 36;
const CARD_ROWS_MIN = 7;
const RUNS_COLUMNS_MIN = 16;
const RUNS_COLUMNS_MAX = 38;
/** A screen of fewer columns has no room for runs beside curves. */
const BESIDE_COLUMNS_MIN = 54;
const SYSTEM_COLUMNS = 38;
const SYSTEM_ROWS_MAX = 4;
/** A title, queue, lanes, and keys. */
const FOOT_ROWS = 3;
const TALL_ROWS = 36;
const SMALL_ROWS = 12;
const TINY_ROWS = 8;

export function layoutOf(state: WatchState, size: Size): Layout {
  const columns = Math.max(1, size.columns);
  const foot = Math.max(0, Math.min(size.rows - 1, footRowsOf(size.rows)));
  const bodyRows = Math.max(0, size.rows - 1 - foot);
  const isBeside = !state.isRunsHidden && columns >= BESIDE_COLUMNS_MIN;
  const runsColumns = isBeside
    ? Math.max(RUNS_COLUMNS_MIN, Math.min(RUNS_COLUMNS_MAX, Math.floor(columns * 0.2)))
    : 0;
  const runs = isBeside ? { x: 0, y: 1, width: runsColumns, height: bodyRows } : undefined;
  const left = isBeside ? runsColumns + 3 : 0;
  const right = { x: left, y: 1, width: Math.max(1, columns - left), height: bodyRows };
  const system = systemOf(state, right);
  const systemRows = system.box?.height ?? 0;
  const grid = { ...right, height: bodyRows - systemRows };
  return {
    size,
    runs,
    grid,
    ...cardsOf(state, grid),
    system: system.each,
    systemBox: system.box,
    foot: { x: 0, y: size.rows - foot, width: columns, height: foot },
  };
}

/** On a small screen lanes, and then the queue, leave their lines to the curve. */
function footRowsOf(rows: number): number {
  if (rows < SMALL_ROWS) return rows < TINY_ROWS ? 1 : FOOT_ROWS - 1;
  return rows >= TALL_ROWS ? FOOT_ROWS + 1 : FOOT_ROWS;
}

function systemOf(state: WatchState, { x, y, width, height }: Box) {
  const count = state.system.length;
  if (count === 0 || state.isLarge || height < CARD_ROWS_MIN + 3) return { each: [], box: undefined };
  const across = Math.max(1, Math.floor(width / SYSTEM_COLUMNS));
  const most = Math.max(1, Math.min(SYSTEM_ROWS_MAX, Math.floor(height / 5)));
  const rows = Math.min(most, Math.ceil(count / across));
  const cells = Math.floor(width / across);
  // A line between.
  const box = { x, y: y + height - rows - 1, width, height: rows + 1 };
  const each = state.system.slice(0, rows * across).map((key, at) => ({
    key,
    box: {
      x: x + (at % across) * cells,
      y: box.y + 1 + Math.floor(at / across),
      width: cells - 2,
      height: 1,
    },
    sparkCells: Math.max(4, Math.floor((cells - 2) / 3)),
  }));
  return { each, box };
}

function cardsOf(state: WatchState, grid: Box) {
  const { metrics, keyAt } = state;
  if (metrics.length === 0) return { cards: [], across: 1, perPage: 1, page: 0, pages: 0 };
  const [across, down] = state.isLarge ? [1, 1] : shapeOf(metrics.length, grid);
  const perPage = across * down;
  const page = Math.floor(Math.max(0, metrics.indexOf(keyAt)) / perPage);
  const width = Math.floor(grid.width / across);
  const height = Math.floor(grid.height / down);
  const cards = metrics.slice(page * perPage, (page + 1) * perPage).map((key, at): Card => {
    const [column, row] = [at % across, Math.floor(at / across)];
    // The last ones take what is left.
    const isLast = { column: column === across - 1, row: row === down - 1 };
    const box = {
      x: grid.x + column * width,
      y: grid.y + row * height,
      width: isLast.column ? grid.width - column * width : width - 2,
      height: isLast.row ? grid.height - row * height : height,
    };
    const plot = {
      x: box.x + GUTTER,
      y: box.y + 1,
      width: Math.max(1, box.width - GUTTER),
      height: Math.max(1, box.height - AROUND),
    };
    return { key, box, plot };
  });
  return { cards, across, perPage, page, pages: Math.ceil(metrics.length / perPage) };
}

/** How many cards stand beside and below one another: few are large, and many as small as can be read. */
function shapeOf(count: number, { width, height }: Box): readonly [across: number, down: number] {
  const acrossMax = Math.max(1, Math.floor(width / CARD_COLUMNS_MIN));
  const downMax = Math.max(1, Math.floor(height / CARD_ROWS_MIN));
  let best: readonly [number, number] = [acrossMax, downMax];
  let bestArea = 0;
  for (let across = 1; across <= acrossMax; across++) {
    const down = Math.ceil(count / across);
    if (down > downMax) continue;
    // A cell is twice as high as wide; a curve is best read three times as wide as high.
    const [cardWidth, cardHeight] = [width / across, (height / down) * 2];
    const area = Math.min(cardWidth, cardHeight * 3) * Math.min(cardHeight, cardWidth / 1.5);
    if (area > bestArea) [best, bestArea] = [[across, down], area];
  }
  if (bestArea > 0) return best;
  // Where there are more than fit, cards of a usual size.
  const across = Math.max(1, Math.min(acrossMax, Math.floor(width / (CARD_COLUMNS_MIN + 12)) || 1));
  return [across, Math.max(1, Math.min(downMax, Math.floor(height / (CARD_ROWS_MIN + 1)) || 1))];
}
