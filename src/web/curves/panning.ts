/** Moves and zooms a plot by the mouse. */
import type uPlot from "uplot";
import { boundedRange } from "../route/route.js";

const PAN_PART = 0.25;

/** What keys show of a plot: a part along the axis, undefined for all; null: the key means nothing. Pure. */
export function rangeByKey(
  key: string,
  [min, max]: readonly [number, number],
): readonly [number, number] | undefined | null {
  const by = (max - min) * PAN_PART;
  if (key === "ArrowLeft") return boundedRange(min - by, max - by);
  if (key === "ArrowRight") return boundedRange(min + by, max + by);
  if (key === "+" || key === "=") return boundedRange(min + by, max - by);
  if (key === "-") return boundedRange(min - 2 * by, max + 2 * by);
  return key === "0" || key === "Escape" ? undefined : null;
}

/**
 * With Shift the plot is moved by dragging; a wheel moves it sideways, with Ctrl it zooms. `show` is told at once, `onRange` when it stands
 * still.
 */
export function panning(
  plot: uPlot,
  show: (min: number, max: number) => void,
  onRange: (range: readonly [number, number]) => void,
): void {
  let settle: ReturnType<typeof setTimeout> | undefined;
  const scaleTo = (from: number, to: number) => {
    const [min, max] = boundedRange(from, to);
    show(min, max);
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
      const moved = () => {
        isAsked = false;
        const by = (down.clientX - x) * perPixel;
        scaleTo(min + by, max + by);
      };
      const move = (event: MouseEvent) => {
        x = event.clientX;
        if (!isAsked) requestAnimationFrame(moved);
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
