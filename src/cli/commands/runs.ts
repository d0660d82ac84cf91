import { EXIT } from "../../errors/row.js";
import type { Context } from "../context.js";
import { getRun } from "../daemon/logged-run.js";
import { withDaemon } from "../daemon/with-daemon.js";
import { type ListOptions, RUN_FILTERS } from "../input/list-options.js";
import { listRequest } from "../input/list-request.js";
import type { OutputOptions } from "../input/options.js";
import { render } from "../output/output.js";
import { RUN_COLUMNS, runView, shownRunView } from "../output/views.js";
import { type ShownList, showList } from "./show-list.js";
import { lanesOf } from "./status.js";

/** Options of `runs list`. */
export interface ListRunsOptions extends ListOptions {
  readonly limit: number;
}

/** `runs list`: the newest first. */
export async function list(context: Context, options: ListRunsOptions): Promise<number> {
  const asked = listRequest(options, RUN_FILTERS);
  const request = { options: { ...asked, limit: asked.limit || options.limit } };
  const ask: ShownList["ask"] = async ({ runs, call }, take) => {
    const found = await call(runs.listRuns.bind(runs), request);
    take(found.runs.map(runView), found.total);
  };
  const isFiltered = request.options.filters.length > 0;
  return showList(context, { columns: RUN_COLUMNS, kind: "runs", isFiltered, ask }, options);
}

/** `runs show`: one run, by its id or the beginning of it, and why it waits where it does. */
export async function show(context: Context, runId: string, options: OutputOptions): Promise<number> {
  return await withDaemon(context, async (connection) => {
    const run = await getRun(connection, runId);
    const record = shownRunView(run, await lanesOf(connection, run.runId));
    context.stdout(render({ kind: "record", record }, options.output));
    return EXIT.ok;
  });
}
