/** One key's plot. It is drawn when it comes into view. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Curve } from "../../gen/stepwell/v1/curves.js";
import { onTheme } from "../parts/theme.js";
import { durationOf, shortNumber } from "../parts/words.js";
import type { CurvesRoute } from "../route/route.js";
import type { CurveBook } from "./curve-book.js";
import { csvOf, pngOf, save } from "./export.js";
import { styleAt } from "./line-style.js";
import { rawLine, smoothLine } from "./lines.js";
import { rangeByKey } from "./panning.js";
import { type CursorAt, Plot, type PlotLine } from "./plot.js";

/** Runs whose values are told at the crosshair. */
const READ_MAX = 6;
/** So far outside the window a plot is drawn already. */
const NEAR_PIXELS = 200;

export interface CurveCardProps {
  readonly name: string;
  readonly book: CurveBook;
  readonly route: CurvesRoute;
  readonly go: (to: CurvesRoute) => void;
  readonly nameOf: (runId: string) => string;
  readonly isLarge: boolean;
}

export function CurveCard({ name, book, route, go, nameOf, isLarge }: CurveCardProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot>(undefined);
  const readout = useRef<HTMLParagraphElement>(null);
  const [isInView, setIsInView] = useState(false);
  const [curves, setCurves] = useState<readonly Curve[]>([]);
  const latest = useRef({ route, go });
  latest.current = { route, go };
  const { axis, isLog, smoothing, range, pinned } = route;

  useLayoutEffect(() => {
    const { current } = place;
    if (!current) return;
    // The observer tells it after the next picture only: the first curves would come that much later.
    if (current.getBoundingClientRect().top < innerHeight + NEAR_PIXELS) setIsInView(true);
    const watcher = new IntersectionObserver(
      (entries) => setIsInView(entries.at(-1)?.isIntersecting === true),
      { rootMargin: `${NEAR_PIXELS}px` },
    );
    watcher.observe(current);
    return () => watcher.disconnect();
  }, []);

  useLayoutEffect(() => {
    if (!isInView) return;
    return book.show(name, (place.current?.clientWidth ?? 400) * devicePixelRatio, setCurves);
  }, [isInView, book, name]);

  const lines = linesOf(curves, route.runIds, nameOf, smoothing, isLog);
  const shape = `${axis} ${isLog} ${smoothing > 0} ${curves.map(({ runId }) => runId).join()} ${lines.length} ${isInView}`;
  useLayoutEffect(() => {
    const { current } = place;
    if (!current || !isInView || lines.length === 0) return;
    const height = () => (isLarge ? Math.max(240, Math.round(innerHeight * 0.62)) : 190);
    const style = getComputedStyle(current);
    const drawn = new Plot(current, lines, {
      ...{ width: current.clientWidth, height: height(), axis, isLog, range },
      colors: () => ({ text: style.color, grid: style.borderTopColor }),
      onCursor: (at) => readout.current && read(readout.current, at, shownLines.current, axis),
      onRange: (to) => latest.current.go({ ...latest.current.route, range: to }),
    });
    plot.current = drawn;
    const resizing = new ResizeObserver(() => drawn.resize(current.clientWidth, height()));
    resizing.observe(current);
    const stopTheme = onTheme(() => drawn.redraw());
    return () => {
      stopTheme();
      resizing.disconnect();
      drawn.destroy();
      plot.current = undefined;
    };
    // The plot is made anew where its lines are others; else it is only given what is new.
  }, [shape, isLarge]);
  const shownLines = useRef(lines);
  shownLines.current = lines;
  useLayoutEffect(() => plot.current?.set(lines), [curves, smoothing]);
  useLayoutEffect(() => plot.current?.look(range), [range?.[0], range?.[1]]);

  const isPinned = pinned.includes(name);
  const pin = () =>
    go({ ...route, pinned: isPinned ? pinned.filter((each) => each !== name) : [...pinned, name] });
  const turn = (event: KeyboardEvent) => {
    if (!plot.current || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = rangeByKey(event.key, plot.current.ends);
    if (to === null) return;
    event.preventDefault();
    go({ ...route, range: to });
  };
  const png = async () => {
    const { backgroundColor: ground, color: text } = getComputedStyle(document.documentElement);
    if (!plot.current) return;
    const colors = { ground, text };
    save(await pngOf(plot.current.canvas, name, lines, colors), `${name}.png`);
  };
  const last = curves.length === 1 ? curves[0]?.last.at(-1) : undefined;
  return (
    <section class={isLarge ? "card large" : "card"} aria-label={name} data-key={name}>
      <header>
        <button
          type="button"
          class="title"
          title={`${name}\nArrow keys move along the plot, + and - zoom, 0 shows all.`}
          aria-keyshortcuts="ArrowLeft ArrowRight + - 0"
          onKeyDown={turn}
          onClick={() => go({ ...route, one: isLarge ? "" : name })}
        >
          {name}
        </button>
        {last !== undefined && <span class="last">{shortNumber(last)}</span>}
        <button
          type="button"
          class={isPinned ? "icon on" : "icon"}
          aria-pressed={isPinned}
          title="Pin"
          aria-label={`Pin ${name}`}
          onClick={pin}
        >
          ★
        </button>
        <button
          type="button"
          class="icon"
          title="Save the picture (PNG)"
          aria-label={`Save the picture (PNG) of ${name}`}
          onClick={() => void png()}
        >
          PNG
        </button>
        <button
          type="button"
          class="icon"
          title="Save what is shown (CSV)"
          aria-label={`Save what is shown (CSV) of ${name}`}
          onClick={() => save(new Blob([csvOf(curves, nameOf)], { type: "text/csv" }), `${name}.csv`)}
        >
          CSV
        </button>
      </header>
      <p class="readout" ref={readout} />
      <div class="plot" ref={place} data-drawn={lines.length > 0} role="img" aria-label={`Plot of ${name}`} />
    </section>
  );
}

/** Says what the crosshair stands at. */
function read(
  place: HTMLElement,
  at: CursorAt | undefined,
  lines: readonly PlotLine[],
  axis: CurvesRoute["axis"],
): void {
  place.replaceChildren();
  if (!at) return;
  const words = {
    step: String(Math.round(at.x)),
    relative: durationOf(at.x),
    time: new Date(at.x).toLocaleString(),
  };
  place.append(`${words[axis]} `);
  for (const [index, { name, style }] of lines.slice(0, READ_MAX).entries()) {
    const value = document.createElement("b");
    value.style.borderColor = style.color;
    value.style.borderBottomStyle =
      style.dash.length === 0 ? "solid" : style.word === "dotted" ? "dotted" : "dashed";
    value.title = name;
    value.textContent = `${at.values[index] == null ? "–" : shortNumber(at.values[index] ?? 0)} `;
    place.append(value);
  }
}

function linesOf(
  curves: readonly Curve[],
  runIds: readonly string[],
  nameOf: (runId: string) => string,
  smoothing: number,
  isLog: boolean,
): PlotLine[] {
  const shown = (line: ReturnType<typeof rawLine>) =>
    isLog ? { ...line, ys: line.ys.map((y) => (y !== null && y > 0 ? y : null)) } : line;
  return curves
    .filter(({ points }) => points.length > 0)
    .map((curve) => ({
      name: nameOf(curve.runId),
      style: styleAt(runIds.indexOf(curve.runId)),
      raw: shown(rawLine(curve)),
      smooth: smoothing > 0 ? shown(smoothLine(curve, smoothing)) : undefined,
    }));
}
