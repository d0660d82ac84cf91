/** The curves of some runs: a grid of plots, those that are pinned first. Only what is in view is read and drawn. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { CurveGap, WatchedRun } from "../../gen/stepwell/v1/curves.js";
import { inOrder } from "../../reading/key-order.js";
import { listKeys, watchCurves } from "../api/methods.js";
import { asFault, type CallFault, type Connection, call, listen } from "../api/rpc.js";
import { Fault } from "../parts/fault.js";
import { statusWord } from "../parts/words.js";
import type { Axis, CurvesRoute, Route } from "../route/route.js";
import { CURVES } from "../route/route.js";
import { CurveBook } from "./curve-book.js";
import { CurveCard } from "./curve-card.js";
import { useMatched } from "./key-filter.js";
import { STYLES_MAX, styleAt } from "./line-style.js";

/** Keys of one request, and of all runs together. */
const KEYS_MAX = 10_000;
const ALL_KEYS_MAX = 200_000;
const RELIST_MS = 1_000;
/** Plots that are laid out at once. */
const STEP = 48;
const AXES: readonly (readonly [Axis, string])[] = [
  ["step", "Step"],
  ["relative", "Relative time"],
  ["time", "Wall time"],
];

export interface CurvesViewProps {
  readonly route: CurvesRoute;
  readonly go: (to: Route) => void;
  readonly stands: (connection: Connection) => void;
}

export function CurvesView({ route, go, stands }: CurvesViewProps) {
  const runs = route.runIds.join(" ");
  const [fault, setFault] = useState<CallFault>();
  const [keys, setKeys] = useState<ReadonlySet<string>>(new Set());
  const [gaps, setGaps] = useState<readonly CurveGap[]>([]);
  const [known, setKnown] = useState<ReadonlyMap<string, WatchedRun>>(new Map());
  const view = { runIds: route.runIds, axis: route.axis, range: route.range };
  const book = useMemo(() => new CurveBook(view, setFault), [runs]);
  useLayoutEffect(() => book.look(view), [book, route.axis, route.range?.[0], route.range?.[1]]);

  const latest = useRef({ route, go });
  latest.current = { route, go };
  // Before the first picture of the page: a plain effect would wait for it.
  useLayoutEffect(() => {
    // To the daemon no name means all runs.
    if (route.runIds.length === 0) return;
    const ending = new AbortController();
    const list = async () => {
      const found = new Set<string>();
      for (let offset = 0, total = 1; offset < Math.min(total, ALL_KEYS_MAX); offset += KEYS_MAX) {
        const request = { runIds: [...route.runIds], patterns: [], offset, limit: KEYS_MAX, onlyNames: true };
        const answer = await call(listKeys, request, ending.signal);
        for (const name of answer.names) found.add(name);
        total = answer.total;
        setGaps(answer.gaps);
        // A link may name a run as its tracker does, or by the first digits: what is answered has its own id.
        if (answer.runIds.join(" ") !== runs)
          return latest.current.go({ ...latest.current.route, runIds: answer.runIds });
      }
      setKeys((before) => (hasAll(before, found) ? before : found));
    };
    let relisting: ReturnType<typeof setTimeout> | undefined;
    /** Where thousands of keys go on, each look at all of them takes the daemon's time. */
    const listSoon = () => {
      relisting ??= setTimeout(() => {
        list()
          .catch(tell)
          .finally(() => {
            relisting = undefined;
          });
      }, RELIST_MS);
    };
    const tell = (error: unknown) => {
      if (!ending.signal.aborted) setFault(asFault(error));
    };
    const begin = async () => {
      await list().catch((error: unknown) => {
        tell(error);
        // What is shown may be of the runs before.
        if (!ending.signal.aborted) setKeys(new Set());
      });
      // The daemon tells a new watcher of all keys at once, which the first curves would wait for.
      await book.quiet();
      await watch();
    };
    const watch = () =>
      listen(
        watchCurves,
        () => ({ runIds: [...route.runIds], patterns: [] }),
        ({ runs: changed, keys: fresh, hasMoreKeys, isCurrent }) => {
          if (changed.length > 0)
            setKnown((before) => new Map([...before, ...changed.map((run) => [run.runId, run] as const)]));
          if (hasMoreKeys) {
            listSoon();
            book.changeAll();
          }
          if (fresh.length > 0) {
            setKeys((before) =>
              withKeys(
                before,
                fresh.map(({ key }) => key),
              ),
            );
            book.change(new Set(fresh.map(({ key }) => key)));
          }
          if (isCurrent) setFault(undefined);
        },
        (connection) => {
          stands(connection);
          if (connection === "open") return;
          book.changeAll();
        },
        ending.signal,
      );
    void begin();
    return () => {
      clearTimeout(relisting);
      ending.abort();
    };
  }, [runs]);

  const nameOf = (runId: string) => known.get(runId)?.runName || runId.slice(0, 8);
  const names = useMemo(() => [...keys], [keys]);
  const { keys: matching, fault: filterFault } = useMatched(names, route.keys);
  const shown = useMemo(
    () => (route.one === "" ? ordered(matching, route.pinned) : [route.one]),
    [matching, route.pinned, route.one],
  );
  const { count, more } = useMore(shown.length);
  const to = (change: Partial<CurvesRoute>) => go({ ...route, ...change });
  return (
    <main class="curves">
      <div class="bar" role="toolbar" aria-label="How curves are shown">
        <input
          type="search"
          aria-label="Keys, as a regular expression"
          placeholder="Filter keys: loss|acc"
          value={route.keys}
          aria-invalid={filterFault !== ""}
          onInput={(event) => to({ keys: event.currentTarget.value })}
        />
        <select
          aria-label="Axis"
          value={route.axis}
          onChange={(event) => to({ axis: event.currentTarget.value as Axis, range: undefined })}
        >
          {AXES.map(([axis, word]) => (
            <option key={axis} value={axis}>
              {word}
            </option>
          ))}
        </select>
        <label>
          <input type="checkbox" checked={route.isLog} onChange={() => to({ isLog: !route.isLog })} /> Log
        </label>
        <label>
          Smooth
          <input
            type="range"
            min="0"
            max="0.99"
            step="0.01"
            value={route.smoothing}
            onInput={(event) => to({ smoothing: Number(event.currentTarget.value) })}
          />
          <output>{route.smoothing.toFixed(2)}</output>
        </label>
        {route.range && (
          <button type="button" onClick={() => to({ range: undefined })}>
            Show all
          </button>
        )}
        {route.one !== "" && (
          <button type="button" onClick={() => to({ one: "" })}>
            All curves
          </button>
        )}
        {route.runIds.length > 1 && (
          <a class="button" href={`#/diff?${route.runIds.map((run) => `run=${run}`).join("&")}`}>
            Compare
          </a>
        )}
        <span class="count" role="status">
          {filterFault} {shown.length} of {keys.size} curves
        </span>
      </div>
      <ul class="legend" aria-label="Runs">
        {route.runIds.map((runId, at) => (
          <li key={runId}>
            <LineSample index={at} />
            <span title={runId}>{nameOf(runId)}</span>
            <RunWord run={known.get(runId)} />
            {route.runIds.length > 1 && (
              <button
                type="button"
                class="icon"
                aria-label={`Take ${nameOf(runId)} away`}
                onClick={() => go({ ...route, runIds: route.runIds.filter((each) => each !== runId) })}
              >
                ×
              </button>
            )}
          </li>
        ))}
      </ul>
      {route.runIds.length > STYLES_MAX && (
        <p class="note">
          Of {route.runIds.length} runs the first {STYLES_MAX} have a line of their own; the others look like
          those again.
        </p>
      )}
      <Fault fault={fault} />
      {gaps.map(({ runId, missingPoints, isBeingRead, reason }) => (
        <p class="note" key={runId}>
          {nameOf(runId)}: {String(missingPoints)} points are not in its curves{isBeingRead ? " yet" : ""}.{" "}
          {reason}
        </p>
      ))}
      {keys.size === 0 && gaps.length === 0 && !fault && (
        <p class="empty">
          {route.runIds.length === 0 ? (
            <>
              No run is chosen. Choose some in <a href="#/runs">the table of runs</a>.
            </>
          ) : (
            "No metric was logged yet. Curves appear here with the first point."
          )}
        </p>
      )}
      {keys.size > 0 && route.one !== "" && !keys.has(route.one) && (
        <p class="empty">Nothing was logged as {route.one}.</p>
      )}
      <div class={route.one === "" ? "grid" : "grid one"}>
        {shown.slice(0, count).map((name) => (
          <CurveCard key={name} {...{ name, book, route, go, nameOf }} isLarge={route.one !== ""} />
        ))}
      </div>
      {shown.length > count && <div class="more" ref={more} />}
    </main>
  );
}

/** How many of a long list are laid out: more as its end comes near. */
function useMore(length: number) {
  const [count, setCount] = useState(STEP);
  const more = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = more;
    if (!current) return;
    const watcher = new IntersectionObserver(
      (entries) => entries.some(({ isIntersecting }) => isIntersecting) && setCount(count + STEP),
      { rootMargin: "1500px" },
    );
    watcher.observe(current);
    return () => watcher.disconnect();
  }, [count, length > count]);
  return { count, more };
}

/** A piece of a run's line, as it is in the plots. */
function LineSample({ index }: { readonly index: number }) {
  const { color, dash, word } = styleAt(index);
  return (
    <svg class="sample" viewBox="0 0 28 8" role="img" aria-label={`${word} line`}>
      <path d="M0 4H28" stroke={color} stroke-width="3" stroke-dasharray={dash.join(" ") || undefined} />
    </svg>
  );
}

function RunWord({ run }: { readonly run: WatchedRun | undefined }) {
  if (!run) return null;
  const word = statusWord(run.status);
  return <em class={`status ${word}`}>{word}</em>;
}

function hasAll(before: ReadonlySet<string>, found: ReadonlySet<string>): boolean {
  return before.size === found.size && [...found].every((key) => before.has(key));
}

function withKeys(before: ReadonlySet<string>, fresh: readonly string[]): ReadonlySet<string> {
  // The grid is laid out anew only where a key is new.
  if (fresh.every((key) => before.has(key))) return before;
  return new Set([...before, ...fresh]);
}

/** In the order of an alphabet, those that are pinned first. */
function ordered(keys: readonly string[], pinned: readonly string[]): readonly string[] {
  const isPinned = new Set(pinned);
  const all = inOrder(keys);
  return [...all.filter((key) => isPinned.has(key)), ...all.filter((key) => !isPinned.has(key))];
}

/** The address of some runs' curves. */
export function curvesOf(runIds: readonly string[]): CurvesRoute {
  return { ...CURVES, runIds };
}
