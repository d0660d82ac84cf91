import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import type { Context } from "../context.js";
import { connect } from "../daemon/connect.js";
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
  const connection = await connect(context);
  try {
    const { run } = await connection.call(connection.runs.getRun.bind(connection.runs), { runId });
    if (!run) throw new StepwellError("STEPWELL_RUN_UNKNOWN", `There is no run ${runId}.`);
    const record = shownRunView(run, await lanesOf(connection, run.runId));
    context.stdout(render({ kind: "record", record }, options.output));
    return EXIT.ok;
  } finally {
    connection.close();
  }
}
