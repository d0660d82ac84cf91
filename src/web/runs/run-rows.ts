/** Rows of the table of runs, in an order. Pure. */
import type { WatchedRun } from "../../gen/stepwell/v1/curves.js";
import type { Run } from "../../gen/stepwell/v1/runs.js";
import { IN_ALPHABET, laneWord, statusWord } from "../parts/words.js";

export interface RunRow {
  readonly run: Run;
  /** What it logged of the columns that were asked for. */
  readonly values: Readonly<Record<string, string>>;
}

type Cell = string | number;

/** Columns that every run has, with what they are sorted by. */
export const COLUMNS: Readonly<
  Record<string, { readonly title: string; readonly of: (row: RunRow) => Cell }>
> = {
  name: { title: "Run", of: ({ run }) => run.runName },
  status: { title: "Status", of: ({ run }) => statusWord(run.status) },
  experiment: { title: "Experiment", of: ({ run }) => run.experimentName },
  started: { title: "Started", of: ({ run }) => Number(run.startTimeMs) },
  length: { title: "Took", of: ({ run }) => lengthMs(run) },
  points: { title: "Points", of: ({ run }) => Number(run.journaledPoints) },
  delivery: { title: "Delivery", of: ({ run }) => laneWord(run.state) },
};

/** A column that every run has; undefined for any other, whatever its name is. */
export function columnAt(name: string): (typeof COLUMNS)[string] | undefined {
  return Object.hasOwn(COLUMNS, name) ? COLUMNS[name] : undefined;
}

/** How long a run took, or has taken until now. */
export function lengthMs({ startTimeMs, endTimeMs }: Run): number {
  return Number(endTimeMs === 0n ? BigInt(Date.now()) : endTimeMs) - Number(startTimeMs);
}

/** The rows by a column, with a minus before it the greatest first; without one as they came. Empty cells come last. */
export function sorted(rows: readonly RunRow[], sort: string): readonly RunRow[] {
  const isDown = sort.startsWith("-");
  const column = sort.replace(/^-/, "");
  if (column === "") return rows;
  const usual = columnAt(column);
  const of = (row: RunRow): Cell => {
    if (usual) return usual.of(row);
    const text = Object.hasOwn(row.values, column) ? (row.values[column] ?? "") : "";
    return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
  };
  const compare = ({ cell: a }: { readonly cell: Cell }, { cell: b }: { readonly cell: Cell }) => {
    if (a === "" || b === "") return Number(a === "") - Number(b === "");
    const order =
      typeof a === "number" && typeof b === "number" ? a - b : IN_ALPHABET.compare(String(a), String(b));
    return isDown ? -order : order;
  };
  return rows
    .map((row) => ({ row, cell: of(row) }))
    .sort(compare)
    .map(({ row }) => row);
}

/** What the daemon is asked for: a search as MLflow has it, or nothing where a text names runs. */
export function isSearch(query: string): boolean {
  return (
    /^\s*(metrics?|params?|parameters?|tags?|attributes?|attr|run)\s*[.`]/i.test(query) ||
    /\b(status|start_time|end_time)\s*[=!<>]/.test(query)
  );
}

/** Whether a run has a text in its name, id, experiment or status. */
export function hasText({ run }: RunRow, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const all = `${run.runName} ${run.runId} ${run.experimentName} ${statusWord(run.status)}`.toLowerCase();
  return words.every((word) => all.includes(word));
}

/** The rows with what was told of some of their runs, and whether others were told of as well. */
export function withWatched(
  rows: readonly RunRow[],
  watched: readonly WatchedRun[],
): { readonly rows: readonly RunRow[]; readonly hasNew: boolean } {
  const fresh = new Map(watched.map((run) => [run.runId, run]));
  const now = rows.map((row) => {
    const told = fresh.get(row.run.runId);
    if (!told) return row;
    fresh.delete(row.run.runId);
    const { status, endTimeMs, journaledPoints } = told;
    return { ...row, run: { ...row.run, status, endTimeMs, journaledPoints } };
  });
  return { rows: now, hasNew: fresh.size > 0 };
}
