/** Runs beside each other: what they were given, and what came of it. */
import { useEffect, useState } from "preact/hooks";
import type { GetRunDataResponse } from "../../gen/stepwell/v1/runs.js";
import { getRun, getRunData } from "../api/methods.js";
import { asFault, type CallFault, call } from "../api/rpc.js";
import { curvesOf } from "../curves/curves-view.js";
import { Fault } from "../parts/fault.js";
import { type DiffRoute, hashOf, type Route } from "../route/route.js";
import { type DiffRow, diffRows } from "./diff-rows.js";

export interface DiffViewProps {
  readonly route: DiffRoute;
  readonly go: (to: Route) => void;
}

const RUNS_MAX = 10;

export function DiffView({ route, go }: DiffViewProps) {
  const runIds = route.runIds.slice(0, RUNS_MAX);
  const [data, setData] = useState<readonly GetRunDataResponse[]>([]);
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map());
  const [fault, setFault] = useState<CallFault>();
  useEffect(() => {
    const ending = new AbortController();
    const ask = async () => {
      const wanted = { curves: 0, curvePoints: 0, curveKeys: [] };
      setData(
        await Promise.all(runIds.map((runId) => call(getRunData, { runId, ...wanted }, ending.signal))),
      );
      // By the ids as the link has them, which may be the tracker's.
      const told = await Promise.all(runIds.map((runId) => call(getRun, { runId }, ending.signal)));
      setNames(new Map(told.map(({ run }, at) => [runIds[at] ?? "", run?.runName ?? ""])));
    };
    ask().catch((error: unknown) => {
      if (!ending.signal.aborted) setFault(asFault(error));
    });
    return () => ending.abort();
  }, [runIds.join()]);
  const rows = diffRows(data).filter((row) => !route.isDifferentOnly || row.isDifferent);
  return (
    <main class="diff">
      <div class="bar" role="toolbar" aria-label="Comparison">
        <label>
          <input
            type="checkbox"
            checked={route.isDifferentOnly}
            onChange={() => go({ ...route, isDifferentOnly: !route.isDifferentOnly })}
          />{" "}
          Only differences
        </label>
        <a class="button main" href={hashOf(curvesOf(runIds))}>
          Curves
        </a>
        {route.runIds.length > RUNS_MAX && <span class="count">The first {RUNS_MAX} runs</span>}
      </div>
      <Fault fault={fault} />
      {data.map(
        ({ missing }, at) =>
          missing !== "" && (
            <p class="note" key={runIds[at]}>
              {missing}
            </p>
          ),
      )}
      {runIds.length === 0 && (
        <p class="empty">
          No run is chosen. Choose some in <a href="#/runs">the table of runs</a>.
        </p>
      )}
      <div class="table">
        <table>
          <thead>
            <tr>
              <th scope="col">What</th>
              {runIds.map((runId) => (
                <th scope="col" key={runId} title={runId}>
                  {names.get(runId) || runId.slice(0, 8)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <DiffLine key={`${row.kind} ${row.key}`} row={row} />
            ))}
          </tbody>
        </table>
      </div>
    </main>
  );
}

function DiffLine({ row: { kind, key, values, isDifferent } }: { readonly row: DiffRow }) {
  return (
    <tr class={isDifferent ? "different" : ""}>
      <th scope="row">
        <small>{kind}</small> {key}
      </th>
      {values.map((value, at) => (
        <td key={at}>{value ?? <span class="none">–</span>}</td>
      ))}
    </tr>
  );
}
