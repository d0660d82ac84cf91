/** The table of runs: search, sort, columns of params and last metrics; rows that are chosen are looked at together. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { listRuns, watchCurves } from "../api/methods.js";
import { asFault, type CallFault, type Connection, call, listen } from "../api/rpc.js";
import { curvesOf } from "../curves/curves-view.js";
import { Fault } from "../parts/fault.js";
import { countText, laneWord, lengthText, shortNumber, statusWord, timeText } from "../parts/words.js";
import { hashOf, type Route, type RunsRoute } from "../route/route.js";
import {
  COLUMNS,
  columnAt,
  hasText,
  isSearch,
  lengthMs,
  type RunRow,
  sorted,
  withWatched,
} from "./run-rows.js";

const RUNS_MAX = 10_000;
const ROW_PIXELS = 36;
/** Rows that are drawn beyond what is in view. */
const SPARE = 10;
const ASK_MS = 250;
const REFRESH_MS = 2_000;
/** What takes long is asked so many times as long after. */
const REFRESH_TIMES = 5;
const CHOSEN_MAX = 100;

export interface RunsViewProps {
  readonly route: RunsRoute;
  readonly go: (to: Route) => void;
  readonly stands: (connection: Connection) => void;
}

export function RunsView({ route, go, stands }: RunsViewProps) {
  const [rows, setRows] = useState<readonly RunRow[]>();
  const [missing, setMissing] = useState("");
  const [total, setTotal] = useState(0);
  const [fault, setFault] = useState<CallFault>();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const search = isSearch(route.query) ? route.query : "";
  const columns = route.columns.join("\n");

  useEffect(() => {
    const ending = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isAsking = false;
    let isFirst = rows === undefined;
    let refreshMs = REFRESH_MS;
    const ask = async () => {
      if (isAsking) return later(ASK_MS);
      isAsking = true;
      try {
        const options = {
          filters: [],
          anyFilter: false,
          sortBy: "",
          descending: false,
          offset: 0,
          limit: RUNS_MAX,
        };
        // Columns take a look into every run: the table does not wait for them.
        if (isFirst && search === "" && columns !== "") {
          const { runs, total } = await call(listRuns, { options, filter: "", orderBy: [] }, ending.signal);
          setRows((before) => before ?? runs.map((run) => ({ run, values: {} })));
          setTotal(total);
        }
        isFirst = false;
        const begunMs = performance.now();
        const orderBy = route.columns.map((column) => `${quoted(column)} ASC`);
        const answer = await call(listRuns, { options, filter: search, orderBy }, ending.signal);
        refreshMs = Math.max(REFRESH_MS, REFRESH_TIMES * (performance.now() - begunMs));
        const values = (at: number) => answer.found[at]?.values ?? {};
        setRows(answer.runs.map((run, at) => ({ run, values: namedAs(values(at), route.columns) })));
        setMissing(answer.missing);
        setTotal(answer.total);
        setFault(undefined);
      } catch (error) {
        if (ending.signal.aborted) return;
        setFault(asFault(error));
      } finally {
        isAsking = false;
      }
    };
    let dueMs = 0;
    /** Asks after so long at the latest. */
    const later = (ms: number) => {
      const nowMs = performance.now();
      if (timer !== undefined && dueMs <= nowMs + ms) return;
      clearTimeout(timer);
      dueMs = nowMs + ms;
      timer = setTimeout(() => {
        timer = undefined;
        void ask();
      }, ms);
    };
    later(rows === undefined ? 0 : ASK_MS);
    void listen(
      watchCurves,
      () => ({ runIds: [], patterns: ["\u0000"] }),
      ({ runs }) => {
        if (runs.length === 0) return;
        // What is known by its id is shown at once; a run that is new is asked for.
        setRows((before) => {
          const now = before && withWatched(before, runs);
          later((now?.hasNew ?? true) && refreshMs === REFRESH_MS ? ASK_MS : refreshMs);
          return now?.rows;
        });
      },
      (connection) => {
        stands(connection);
        if (connection === "lost") later(refreshMs);
      },
      ending.signal,
    );
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [search, columns]);

  const shown = useMemo(() => {
    const named =
      search === "" && route.query !== ""
        ? (rows ?? []).filter((row) => hasText(row, route.query))
        : (rows ?? []);
    return sorted(named, route.sort === "" ? "-started" : route.sort);
  }, [rows, route.query, route.sort, search]);
  const { scroller, from, to, onScroll } = useWindow(shown.length);
  const ids = [...chosen].filter((id) => shown.some(({ run }) => run.runId === id)).slice(0, CHOSEN_MAX);
  const choose = (runId: string) => {
    const next = new Set(chosen);
    if (!next.delete(runId)) next.add(runId);
    setChosen(next);
  };
  const sortBy = (column: string) => go({ ...route, sort: route.sort === column ? `-${column}` : column });
  const add = (event: Event) => {
    event.preventDefault();
    const input = (event.currentTarget as HTMLFormElement).elements.namedItem("column") as HTMLInputElement;
    const column = /^(metrics|params|tags)\./.test(input.value) ? input.value : `metrics.${input.value}`;
    if (input.value === "" || route.columns.includes(column)) return;
    input.value = "";
    go({ ...route, columns: [...route.columns, column] });
  };
  return (
    <main class="runs">
      <div class="bar" role="toolbar" aria-label="Runs">
        <input
          type="search"
          aria-label="Search runs"
          placeholder="Name, id, or metrics.loss < 0.3"
          value={route.query}
          onInput={(event) => go({ ...route, query: event.currentTarget.value })}
        />
        <form onSubmit={add}>
          <input name="column" aria-label="Add a column" placeholder="Column: params.lr" />
          <button type="submit">Add</button>
        </form>
        <a
          class={ids.length > 0 ? "button main" : "button off"}
          {...(ids.length > 0 ? { href: hashOf(curvesOf(ids)) } : {})}
          aria-disabled={ids.length === 0}
        >
          Curves{ids.length > 0 ? ` of ${ids.length}` : ""}
        </a>
        <a
          class={ids.length > 1 ? "button" : "button off"}
          {...(ids.length > 1 ? { href: hashOf({ view: "diff", runIds: ids, isDifferentOnly: false }) } : {})}
          aria-disabled={ids.length < 2}
        >
          Compare
        </a>
        <span class="count">
          {shown.length === total ? countText(total) : `${countText(shown.length)} of ${countText(total)}`}{" "}
          runs
        </span>
      </div>
      <Fault fault={fault} />
      {missing !== "" && <p class="note">{missing}</p>}
      {rows?.length === 0 && !fault && (
        <p class="empty">No run yet. Start one and it appears here: stepwell run -- python train.py</p>
      )}
      <div class="table" ref={scroller} onScroll={onScroll}>
        <table>
          <thead>
            <tr>
              <th scope="col" aria-label="Chosen" />
              {[...Object.keys(COLUMNS), ...route.columns].map((column) => (
                <th
                  key={column}
                  scope="col"
                  class={isNumber(column) ? "number" : ""}
                  data-column={column}
                  aria-sort={sortWord(route.sort, column)}
                >
                  <button type="button" onClick={() => sortBy(column)}>
                    {columnAt(column)?.title ?? column}
                  </button>
                  {!columnAt(column) && (
                    <button
                      type="button"
                      class="icon"
                      aria-label={`Remove the column ${column}`}
                      onClick={() =>
                        go({ ...route, columns: route.columns.filter((each) => each !== column) })
                      }
                    >
                      ×
                    </button>
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {from > 0 && <tr class="gap" style={{ height: from * ROW_PIXELS }} />}
            {shown.slice(from, to).map((row) => (
              <RunLine
                key={row.run.runId}
                {...{ row, columns: route.columns }}
                isChosen={chosen.has(row.run.runId)}
                choose={choose}
              />
            ))}
            {to < shown.length && <tr class="gap" style={{ height: (shown.length - to) * ROW_PIXELS }} />}
          </tbody>
        </table>
      </div>
    </main>
  );
}

interface RunLineProps {
  readonly row: RunRow;
  readonly columns: readonly string[];
  readonly isChosen: boolean;
  readonly choose: (runId: string) => void;
}

function RunLine({ row: { run, values }, columns, isChosen, choose }: RunLineProps) {
  const word = statusWord(run.status);
  const url = run.deliveries.find((each) =>
    /^https?:\/\//.test(each.experimentTrackerUrl),
  )?.experimentTrackerUrl;
  return (
    <tr class={isChosen ? "chosen" : ""}>
      <td>
        <input
          type="checkbox"
          aria-label={`Choose ${run.runName || run.runId}`}
          checked={isChosen}
          onChange={() => choose(run.runId)}
        />
      </td>
      <td class="name">
        <a href={hashOf(curvesOf([run.runId]))} title={run.runId}>
          {run.runName || run.runId}
        </a>
      </td>
      <td>
        <em class={`status ${word}`}>{word}</em>
      </td>
      <td>{run.experimentName}</td>
      <td>{timeText(run.startTimeMs)}</td>
      <td>{lengthText(lengthMs(run))}</td>
      <td class="number">{countText(run.journaledPoints)}</td>
      <td title={run.reason}>
        {laneWord(run.state)}
        {url !== undefined && (
          <a href={url} target="_blank" rel="noreferrer">
            {" "}
            MLflow
          </a>
        )}
      </td>
      {columns.map((column) => (
        <td key={column} class="number" title={values[column] ?? ""}>
          {column.startsWith("metrics.") ? metricText(values[column] ?? "") : (values[column] ?? "")}
        </td>
      ))}
    </tr>
  );
}

function isNumber(column: string): boolean {
  return column === "points" || columnAt(column) === undefined;
}

/** A metric in few digits; what a number can't say, as NaN, as it came. */
function metricText(value: string): string {
  return value === "" || !Number.isFinite(Number(value)) ? value : shortNumber(Number(value));
}

/** Which rows are in view. */
function useWindow(count: number) {
  const scroller = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const onScroll = () => setTop(scroller.current?.scrollTop ?? 0);
  const height = scroller.current?.clientHeight ?? innerHeight;
  const from = Math.max(0, Math.min(count, Math.floor(top / ROW_PIXELS)) - SPARE);
  const to = Math.min(count, from + Math.ceil(height / ROW_PIXELS) + 2 * SPARE);
  return { scroller, from, to, onScroll };
}

/** As MLflow's searches take a key with other letters than usual. */
function quoted(column: string): string {
  const [kind = "", ...key] = column.split(".");
  const name = key.join(".");
  return /^[\w]+$/.test(name) ? column : `${kind}.\`${name.replaceAll("`", "")}\``;
}

/** What was found, under the names of the columns. */
function namedAs(
  found: Readonly<Record<string, string>>,
  columns: readonly string[],
): Readonly<Record<string, string>> {
  const of = (name: string) => (Object.hasOwn(found, name) ? found[name] : undefined);
  return Object.fromEntries(columns.map((column) => [column, of(column) ?? of(quoted(column)) ?? ""]));
}

function sortWord(sort: string, column: string): "ascending" | "descending" | undefined {
  if (sort === column) return "ascending";
  return sort === `-${column}` || (sort === "" && column === "started") ? "descending" : undefined;
}
