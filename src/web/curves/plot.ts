/** One plot: lines over one another, a crosshair that is linked with all others, zoom by dragging, pan with Shift. */
import uPlot from "uplot";
import { durationOf, shortNumber } from "../parts/words.js";
import type { Axis } from "../route/route.js";
import { drawLine, inView } from "./draw-line.js";
import type { LineStyle } from "./line-style.js";
import { type Line, valueAt } from "./lines.js";
import { panning } from "./panning.js";
import { logTicksOf, paddedHeight, ticksOf, tickWords, timeTicksOf, timeWords } from "./ticks.js";

export interface PlotLine {
  readonly name: string;
  readonly style: LineStyle;
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
/** Of neighbouring ticks, in pixels: their words have room. */
const X_SPACE = 76;
const Y_SPACE = 30;
const TIME_AXIS_HEIGHT = 40;
/** uPlot looks for distances that it does not need, as the ticks are given to it. */
const ANY_DISTANCE = [1e300];

export class Plot {
  readonly #plot: uPlot;
  #lines: readonly PlotLine[];
  #range: PlotOptions["range"];
  /** What is in view along the axis: uPlot knows it only after it has asked how high that is. */
  #inView: readonly [number, number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  /** What values are divided by, so that their sums are numbers. */
  #unit: number;

  constructor(place: HTMLElement, lines: readonly PlotLine[], options: PlotOptions) {
    this.#lines = lines;
    this.#range = options.range;
    this.#unit = unitOf(lines);
    this.#plot = new uPlot(this.#optionsOf(options), extentOf(lines), place);
  }

  get canvas(): HTMLCanvasElement {
    return this.#plot.ctx.canvas;
  }

  /** What is in view along the axis. */
  get ends(): readonly [number, number] {
    const { min, max } = this.#plot.scales["x"] ?? {};
    return [min ?? 0, max ?? 1];
  }

  /** New points of the same lines. */
  set(lines: readonly PlotLine[]): void {
    if (lines === this.#lines) return;
    this.#lines = lines;
    this.#unit = unitOf(lines);
    this.#plot.setData(extentOf(lines));
  }

  /** Shows a part, or all. */
  look(range: PlotOptions["range"]): void {
    if (range === this.#range) return;
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
      incrs: ANY_DISTANCE,
      filter: (_: uPlot, splits: number[]) => splits,
    };
    return {
      width,
      height,
      legend: { show: false },
      cursor: {
        sync: { key: "curves", setSeries: false },
        drag: { x: true, y: false, setScale: false },
        points: { show: false },
        bind: {
          dblclick: () => () => {
            onRange(undefined);
            return null;
          },
        },
      },
      scales: {
        x: { time: false, range: (_, min, max) => this.#look(min, max) },
        y: {
          distr: isLog ? 3 : 1,
          range: () => heightOf(this.#lines, this.#inView, isLog, this.#unit),
        },
      },
      axes: [
        {
          ...axes,
          size: axis === "time" ? TIME_AXIS_HEIGHT : 26,
          splits: (plot: uPlot, _: number, min: number, max: number) =>
            placesOf(axis, min, max, plot.width / X_SPACE),
          values: (_: uPlot, splits: number[]) =>
            axis === "time"
              ? timeWords(splits)
              : tickWords(splits, axis === "relative" ? durationOf : shortNumber),
        },
        {
          ...axes,
          size: (_: uPlot, words: string[] | null) =>
            22 + 6 * Math.max(5, ...(words ?? []).map(({ length }) => length)),
          splits: (plot: uPlot, _: number, min: number, max: number) =>
            (isLog ? logTicksOf : ticksOf)(min, max, plot.height / Y_SPACE - 1).filter((tick) =>
              Number.isFinite(tick * this.#unit),
            ),
          values: (_: uPlot, splits: number[]) =>
            tickWords(
              splits.map((tick) => tick * this.#unit),
              shortNumber,
            ),
        },
      ],
      // uPlot keeps scales, axes and the mouse. The lines are drawn here: it would lay all of them out on the places of all.
      series: [{}, { paths: () => null, points: { show: false } }],
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
        draw: [(plot) => this.#draw(plot)],
        ready: [
          (plot) =>
            panning(
              plot,
              (min, max) => {
                this.#range = [min, max];
                plot.setScale("x", { min, max });
              },
              onRange,
            ),
        ],
      },
    };
  }

  #cursorAt(plot: uPlot): CursorAt | undefined {
    const { left = -1 } = plot.cursor;
    if (left < 0) return undefined;
    const x = plot.posToVal(left, "x");
    return { x, values: this.#lines.map(({ raw, smooth }) => valueAt(smooth ?? raw, x)) };
  }

  #look(min: number | null, max: number | null): [number, number] {
    const range = this.#rangeOf(min, max);
    this.#inView = range;
    return range;
  }

  #rangeOf(min: number | null, max: number | null): [number, number] {
    if (this.#range) return [this.#range[0], this.#range[1]];
    if (min === null || max === null) return [0, 1];
    const room = min === max ? Math.max(0.5, Math.abs(min) * 1e-9) : 0;
    return [min - room, max + room];
  }

  #draw(plot: uPlot): void {
    const { ctx } = plot;
    const { left, top, height, width } = plot.bbox;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top - 1, width, height + 2);
    ctx.clip();
    for (const { raw, smooth, style } of this.#lines) {
      const { color, dash } = style;
      // The raw line stays visible behind the smoothed one.
      drawLine(plot, raw, {
        color: smooth ? color + RAW_ALPHA : color,
        dash,
        width: smooth ? 1 : 1.3,
        unit: this.#unit,
      });
      if (smooth) drawLine(plot, smooth, { color, dash, width: 1.8, unit: this.#unit });
    }
    ctx.restore();
    this.#drawOdd(plot);
  }

  /** Marks where values are that no line shows: at the top, the bottom, or a cross for what is not a number. */
  #drawOdd(plot: uPlot): void {
    const { ctx } = plot;
    const { left, top, height, width } = plot.bbox;
    ctx.save();
    ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = "center";
    for (const { raw, style } of this.#lines) {
      ctx.fillStyle = style.color;
      for (const { x, sign } of raw.odd) {
        const at = plot.valToPos(x, "x", true);
        if (at < left || at > left + width) continue;
        const y = top + (sign > 0 ? 12 * devicePixelRatio : height - 3 * devicePixelRatio);
        ctx.fillText(sign > 0 ? "▲" : sign < 0 ? "▼" : "×", at, y);
      }
    }
    ctx.restore();
  }
}

/** From where to where all lines go, which is all that uPlot needs to know. */
function extentOf(lines: readonly PlotLine[]): uPlot.AlignedData {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { raw } of lines) {
    min = Math.min(min, raw.xs[0] ?? min);
    max = Math.max(max, raw.xs.at(-1) ?? max);
  }
  if (min > max) return [[], []];
  return min === max
    ? [[min], [1]]
    : [
        [min, max],
        [1, 2],
      ];
}

/** The distance between the greatest numbers that there are is none. */
function unitOf(lines: readonly PlotLine[]): number {
  const isHuge = lines.some(({ raw }) => raw.ys.some((y) => y !== null && Math.abs(y) > 1e300));
  return isHuge ? 1e10 : 1;
}

/** From the least to the greatest value in view with some room; around a single one. */
function heightOf(
  lines: readonly PlotLine[],
  [min, max]: readonly [number, number],
  isLog: boolean,
  unit: number,
): uPlot.Range.MinMax {
  const ends = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] as [number, number];
  for (const { raw } of lines) {
    const { begin, end } = inView(raw, min, max);
    for (let at = begin; at < end; at++) {
      const y = raw.ys[at] ?? undefined;
      if (y === undefined) continue;
      ends[0] = Math.min(ends[0], y / unit);
      ends[1] = Math.max(ends[1], y / unit);
    }
  }
  return paddedHeight(...ends, isLog);
}

function placesOf(axis: Axis, min: number, max: number, most: number): number[] {
  if (axis === "time") return timeTicksOf(min, max, most);
  // There is nothing between two steps.
  return ticksOf(min, max, most, axis === "step" ? 1 : 0);
}
