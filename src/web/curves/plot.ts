/** One plot: lines over one another, a crosshair that is linked with all others, zoom by dragging, pan with Shift. */
import uPlot from "uplot";
import type { Axis } from "../route/route.js";
import type { Line } from "./lines.js";

export interface PlotLine {
  readonly name: string;
  readonly color: string;
  readonly raw: Line;
  readonly smooth: Line | undefined;
}

export interface PlotOptions {
  readonly width: number;
  readonly height: number;
  readonly axis: Axis;
  readonly isLog: boolean;
  /** Asked at each drawing: a reader may go from light to dark. */
  readonly colors: () => { readonly text: string; readonly grid: string };
  readonly range: readonly [number, number] | undefined;
  /** What the crosshair stands at: a place along the axis, and each line's value there. Undefined: it is elsewhere. */
  readonly onCursor: (at: CursorAt | undefined) => void;
  /** Somebody zoomed, or went back to all. */
  readonly onRange: (range: readonly [number, number] | undefined) => void;
}

export interface CursorAt {
  readonly x: number;
  readonly values: readonly (number | null)[];
}

const RAW_ALPHA = "40";
const FONT = "11px system-ui, sans-serif";

export class Plot {
  readonly #plot: uPlot;
  #lines: readonly PlotLine[];
  #range: PlotOptions["range"];

  constructor(place: HTMLElement, lines: readonly PlotLine[], options: PlotOptions) {
    this.#lines = lines;
    this.#range = options.range;
    this.#plot = new uPlot(this.#optionsOf(options), dataOf(lines), place);
  }

  get canvas(): HTMLCanvasElement {
    return this.#plot.ctx.canvas;
  }

  /** New points of the same lines. */
  set(lines: readonly PlotLine[]): void {
    this.#lines = lines;
    this.#plot.setData(dataOf(lines));
  }

  /** Shows a part, or all. */
  look(range: PlotOptions["range"]): void {
    this.#range = range;
    this.#plot.setData(this.#plot.data);
  }

  /** The same in other colors. */
  redraw(): void {
    this.#plot.redraw(false, true);
  }

  resize(width: number, height: number): void {
    this.#plot.setSize({ width, height });
  }

  destroy(): void {
    this.#plot.destroy();
  }

  #optionsOf({ width, height, axis, isLog, colors, onCursor, onRange }: PlotOptions): uPlot.Options {
    const axes = {
      stroke: () => colors().text,
      font: FONT,
      grid: { stroke: () => colors().grid, width: 1 },
      ticks: { show: false },
    };
    return {
      width,
      height,
      legend: { show: false },
      cursor: {
        sync: { key: "curves", setSeries: false },
        drag: { x: true, y: false, setScale: false },
        points: { size: 6 },
        bind: {
          dblclick: () => () => {
            onRange(undefined);
            return null;
          },
        },
      },
      scales: {
        x: { time: axis === "time", range: (_, min, max) => this.#rangeOf(min, max) },
        y: { distr: isLog ? 3 : 1 },
      },
      axes: [
        {
          ...axes,
          space: 60,
          size: 26,
          ...(axis === "time"
            ? {}
            : {
                values: (_: uPlot, splits: number[]) =>
                  splits.map(axis === "relative" ? durationOf : shortNumber),
              }),
        },
        {
          ...axes,
          size: 52,
          space: 28,
          values: (_: uPlot, splits: number[]) =>
            splits.map((each) => (each === null ? "" : shortNumber(each))),
        },
      ],
      series: [{}, ...this.#lines.flatMap(seriesOf)],
      hooks: {
        setSelect: [
          (plot) => {
            const { left, width: wide } = plot.select;
            if (wide < 4) return;
            const ends = [plot.posToVal(left, "x"), plot.posToVal(left + wide, "x")] as const;
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            onRange(ends);
          },
        ],
        setCursor: [(plot) => onCursor(this.#cursorAt(plot))],
        draw: [(plot) => this.#drawOdd(plot)],
        ready: [(plot) => panning(plot, onRange)],
      },
    };
  }

  #cursorAt(plot: uPlot): CursorAt | undefined {
    const { left = -1 } = plot.cursor;
    if (left < 0) return undefined;
    const x = plot.posToVal(left, "x");
    return { x, values: this.#lines.map(({ raw, smooth }) => valueAt(smooth ?? raw, x)) };
  }

  #rangeOf(min: number | null, max: number | null): uPlot.Range.MinMax {
    if (this.#range) return [this.#range[0], this.#range[1]];
    if (min === null || max === null) return [0, 1];
    return min === max ? [min - 0.5, max + 0.5] : [min, max];
  }

  /** Marks where values are that no line shows: at the top, the bottom, or a cross for what is not a number. */
  #drawOdd(plot: uPlot): void {
    const { ctx } = plot;
    const { left, top, height, width } = plot.bbox;
    ctx.save();
    ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = "center";
    for (const { raw, color } of this.#lines) {
      ctx.fillStyle = color;
      for (const { x, sign } of raw.odd) {
        const at = plot.valToPos(x, "x", true);
        if (at < left || at > left + width) continue;
        const y = sign > 0 ? top + 12 * devicePixelRatio : top + height - 3 * devicePixelRatio;
        ctx.fillText(sign > 0 ? "▲" : sign < 0 ? "▼" : "×", at, y);
      }
    }
    ctx.restore();
  }
}

/** The value of the place that is nearest. */
function valueAt({ xs, ys }: Line, x: number): number | null {
  let [from, to] = [0, xs.length - 1];
  while (to - from > 1) {
    const middle = (from + to) >> 1;
    if ((xs[middle] ?? 0) < x) from = middle;
    else to = middle;
  }
  const isFirst = Math.abs((xs[from] ?? 0) - x) <= Math.abs((xs[to] ?? 0) - x);
  return ys[isFirst ? from : to] ?? null;
}

function seriesOf({ name, color, smooth }: PlotLine): uPlot.Series[] {
  const line = (stroke: string, width: number): uPlot.Series => ({
    label: name,
    stroke,
    width,
    spanGaps: false,
    points: { show: false },
  });
  // The raw line stays visible behind the smoothed one.
  return smooth
    ? [line(color + RAW_ALPHA, 1), line(color, 1.8)]
    : [{ ...line(color, 1.3), points: { size: 4 } }];
}

function dataOf(lines: readonly PlotLine[]): uPlot.AlignedData {
  const tables = lines.flatMap(({ raw, smooth }) => (smooth ? [raw, smooth] : [raw]));
  const filled = tables.map(({ xs, ys }) => [xs, ys] as unknown as uPlot.AlignedData);
  if (filled.length === 0) return [[]];
  return filled.length === 1 ? (filled[0] ?? [[]]) : uPlot.join(filled);
}

/** With Shift the plot is moved by dragging; a wheel moves it sideways, with Ctrl it zooms. */
function panning(plot: uPlot, onRange: PlotOptions["onRange"]): void {
  let settle: ReturnType<typeof setTimeout> | undefined;
  const scaleTo = (min: number, max: number) => {
    plot.setScale("x", { min, max });
    clearTimeout(settle);
    settle = setTimeout(() => onRange([min, max]), 150);
  };
  const ends = () => [plot.scales["x"]?.min ?? 0, plot.scales["x"]?.max ?? 1] as const;
  plot.over.addEventListener(
    "mousedown",
    (down) => {
      if (!down.shiftKey || down.button !== 0) return;
      down.preventDefault();
      down.stopImmediatePropagation();
      const [min, max] = ends();
      const perPixel = (max - min) / plot.over.clientWidth;
      let x = down.clientX;
      let isAsked = false;
      const show = () => {
        isAsked = false;
        const by = (down.clientX - x) * perPixel;
        scaleTo(min + by, max + by);
      };
      const move = (event: MouseEvent) => {
        x = event.clientX;
        if (!isAsked) requestAnimationFrame(show);
        isAsked = true;
      };
      const up = () => {
        removeEventListener("mousemove", move);
        removeEventListener("mouseup", up);
      };
      addEventListener("mousemove", move);
      addEventListener("mouseup", up);
    },
    { capture: true },
  );
  plot.over.addEventListener(
    "wheel",
    (event) => {
      const isZoom = event.ctrlKey || event.metaKey;
      if (!isZoom && Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return;
      event.preventDefault();
      const [min, max] = ends();
      if (!isZoom) {
        const by = (event.deltaX / plot.over.clientWidth) * (max - min);
        return scaleTo(min + by, max + by);
      }
      const middle = plot.posToVal(plot.cursor.left ?? 0, "x");
      const factor = 1.002 ** event.deltaY;
      scaleTo(middle - (middle - min) * factor, middle + (max - middle) * factor);
    },
    { passive: false },
  );
}

/** A number in few letters. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (value === 0) return "0";
  if (size >= 1e9 || size < 1e-3) return value.toExponential(2).replace(/\.?0+e/, "e");
  if (size >= 1e6) return `${Number((value / 1e6).toFixed(2))}M`;
  if (size >= 1e4) return `${Number((value / 1e3).toFixed(1))}k`;
  return `${Number(value.toPrecision(4))}`;
}

/** Milliseconds, as a time since the run's start. */
export function durationOf(ms: number): string {
  const seconds = ms / 1_000;
  if (Math.abs(seconds) < 120) return `${Number(seconds.toFixed(Math.abs(seconds) < 10 ? 2 : 1))} s`;
  if (Math.abs(seconds) < 7_200) return `${Number((seconds / 60).toFixed(1))} min`;
  return `${Number((seconds / 3_600).toFixed(2))} h`;
}
