/** Draws one line of a plot, and dots where its points are few, or where one stands alone. */
import type uPlot from "uplot";
import type { Line } from "./lines.js";

export interface Stroke {
  readonly color: string;
  /** Of strokes and gaps, in pixels of the page. */
  readonly dash: readonly number[];
  /** In pixels of the page. */
  readonly width: number;
  /** What values are divided by. */
  readonly unit: number;
}

const DOT_PIXELS = 2;
/** Nearer to each other dots would be a thick line. */
const DOT_SPACE = 12;

export function drawLine(plot: uPlot, line: Line, { color, dash, width, unit }: Stroke): void {
  const { ctx } = plot;
  const { min, max } = plot.scales["x"] ?? {};
  const { begin, end } = inView(line, min, max);
  const { xs, ys } = line;
  const areDots = (end - begin) * DOT_SPACE <= plot.width;
  const dots: [number, number][] = [];
  ctx.beginPath();
  let isDown = false;
  for (let at = begin; at < end; at++) {
    const y = ys[at];
    if (y == null) {
      isDown = false;
      continue;
    }
    const [left, top] = [plot.valToPos(xs[at] ?? 0, "x", true), plot.valToPos(y / unit, "y", true)];
    if (isDown) ctx.lineTo(left, top);
    else ctx.moveTo(left, top);
    if (areDots || (!isDown && ys[at + 1] == null)) dots.push([left, top]);
    isDown = true;
  }
  ctx.strokeStyle = color;
  ctx.lineWidth = width * devicePixelRatio;
  ctx.lineJoin = "round";
  ctx.setLineDash(dash.map((length) => length * devicePixelRatio));
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.fillStyle = color;
  ctx.beginPath();
  const size = DOT_PIXELS * devicePixelRatio;
  for (const [left, top] of dots) {
    ctx.moveTo(left + size, top);
    ctx.arc(left, top, size, 0, 2 * Math.PI);
  }
  ctx.fill();
}

/** The places of a line that are in a range, with one more at each end, to which it goes. Pure. */
export function inView(
  { xs }: Pick<Line, "xs">,
  min: number | null | undefined,
  max: number | null | undefined,
): { readonly begin: number; readonly end: number } {
  const begin = min == null ? 0 : Math.max(0, firstFrom(xs, (x) => x >= min) - 1);
  const end = max == null ? xs.length : Math.min(xs.length, firstFrom(xs, (x) => x > max) + 1);
  return { begin, end: Math.max(begin, end) };
}

function firstFrom(xs: readonly number[], holds: (x: number) => boolean): number {
  let [low, high] = [0, xs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(xs[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}
