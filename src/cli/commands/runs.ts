import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import type { GetRunDataResponse } from "../../gen/stepwell/v1/runs.js";
import { nearMatch } from "../../model/near-match.js";
import type { Context } from "../context.js";
import { getRun } from "../daemon/logged-run.js";
import { getRunData } from "../daemon/run-data.js";
import { askDaemon } from "../daemon/with-daemon.js";
import { type ListOptions, RUN_FILTERS } from "../input/list-options.js";
import { listRequest } from "../input/list-request.js";
import type { OutputOptions } from "../input/options.js";
import { showAnswer } from "../output/output.js";
import { visible } from "../output/people.js";
import { plot } from "../output/plot.js";
import { foundView, runText, shownRunView } from "../output/run-views.js";
import { RUN_COLUMNS } from "../output/views.js";
import { type ShownList, showList } from "./show-list.js";
import { lanesOf } from "./status.js";

/** Options of `runs list`. */
export interface ListRunsOptions extends ListOptions {
  readonly limit: number;
  /** What runs logged, in MLflow's words. */
  readonly filter?: string;
  readonly orderBy?: string;
}

/** Options of `runs show`. */
export interface ShowRunOptions extends OutputOptions {
  /** The key of a metric that is drawn. */
  readonly curve?: string;
}

/** How many metrics have a curve, each of so many points. */
const CURVES = { curves: 40, curvePoints: 80 };
/** A curve that is drawn by itself. */
const DRAWN_POINTS = 1_000;
const DRAWN = { width: 100, height: 10 };

/** `runs list`: the newest first. */
export async function list(context: Context, options: ListRunsOptions): Promise<number> {
  const asked = listRequest(options, RUN_FILTERS);
  const request = {
    options: { ...asked, limit: asked.limit || options.limit },
    filter: options.filter ?? "",
    orderBy: splitOrder(options.orderBy ?? ""),
  };
  const names = new Set<string>();
  const ask: ShownList["ask"] = async ({ runs, call }, take) => {
    const {
      runs: found,
      found: values,
      total,
      missing,
    } = await call(runs.listRuns.bind(runs), request, SEARCH_MS_MAX);
    for (const each of values) for (const name of Object.keys(each.values)) names.add(name);
    if (missing !== "") context.stderr(`${visible(missing)}\n`);
    take(
      found.map((run, index) => foundView(run, values[index]?.values ?? {})),
      total,
    );
  };
  const isFiltered = request.options.filters.length > 0 || request.filter !== "";
  // What a search is about stands before the other columns.
  const columns = () => {
    const [id, name, ...others] = RUN_COLUMNS;
    const named = [...names].map((key) => ({ key }));
    return [id, name, ...named, ...others].filter((column) => column !== undefined);
  };
  return showList(context, { columns, kind: "runs", isFiltered, ask }, options);
}

/** Trackers are asked for the runs that they have, some hundreds at a time. */
const SEARCH_MS_MAX = 120_000;

/** Orders are separated by commas, as in "metrics.loss ASC, start_time DESC"; what is quoted may hold one. */
function splitOrder(text: string): string[] {
  const orders = text.match(/(?:"[^"]*"|`[^`]*`|[^,])+/g) ?? [];
  return orders.map((order) => order.trim()).filter((order) => order !== "");
}

/** `runs show`: one run, by its id or the beginning of it, what it logged, and why it waits where it does. */
export async function show(context: Context, runId: string, options: ShowRunOptions): Promise<number> {
  return await askDaemon(context, async (connection) => {
    const run = await getRun(connection, runId);
    const { curve, output } = options;
    const isDrawn = output === "fitted" && context.screen !== undefined;
    const drawn = curve === undefined ? CURVES : { curveKeys: [curve], curvePoints: DRAWN_POINTS };
    const data = await getRunData(connection, run.runId, isDrawn || curve !== undefined ? drawn : {});
    if (curve !== undefined) {
      context.stdout(curveText(context, curve, data));
      return EXIT.ok;
    }
    const lanes = await lanesOf(connection, run.runId);
    if (output === "fitted" && context.screen) context.stdout(runText(run, lanes, data, context.screen));
    else await showAnswer(context, { kind: "record", record: shownRunView(run, lanes, data) }, output);
    return EXIT.ok;
  });
}

/** One metric's curve, drawn. */
function curveText({ screen }: Context, key: string, data: GetRunDataResponse | undefined): string {
  const metric = data?.metrics.find((each) => each.key === key);
  if (!metric) {
    const keys = data?.metrics.map((each) => each.key) ?? [];
    const sentence = `The run has no metric ${JSON.stringify(key)}.${nearMatch(key, keys)}`;
    throw new StepwellError("STEPWELL_USAGE", sentence);
  }
  const points = metric.curveValues.map((value, index) => ({
    step: Number(metric.curveSteps[index] ?? 0n),
    value,
  }));
  const width = Math.min(DRAWN.width, screen?.columns ?? DRAWN.width);
  const drawing = { title: visible(key), points, width, height: DRAWN.height };
  return `${plot({ ...drawing, isUnicode: screen?.isUnicode ?? false }).join("\n")}\n`;
}
