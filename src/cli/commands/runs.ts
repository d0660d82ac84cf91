import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { connect } from "../connect.js";
import type { Context } from "../context.js";
import type { OutputOptions } from "../options.js";
import { render } from "../output.js";
import { RUN_COLUMNS, runView } from "../views.js";

/** Options of `runs list`. */
export interface ListOptions extends OutputOptions {
  readonly limit: number;
}

/** `runs list`: the newest first. */
export async function list(context: Context, options: ListOptions): Promise<number> {
  const connection = await connect(context);
  try {
    const { runs } = await connection.call(connection.runs.listRuns.bind(connection.runs), {
      limit: options.limit,
    });
    if (runs.length === 0) context.stderr("There are no runs yet.\n");
    context.stdout(render({ kind: "list", columns: RUN_COLUMNS, items: runs.map(runView) }, options.output));
    return EXIT.ok;
  } finally {
    connection.close();
  }
}

/** `runs show`: one run, by its id or the beginning of it. */
export async function show(context: Context, runId: string, options: OutputOptions): Promise<number> {
  const connection = await connect(context);
  try {
    const { run } = await connection.call(connection.runs.getRun.bind(connection.runs), { runId });
    if (!run) throw new StepwellError("STEPWELL_RUN_UNKNOWN", `There is no run ${runId}.`);
    context.stdout(render({ kind: "record", record: runView(run) }, options.output));
    return EXIT.ok;
  } finally {
    connection.close();
  }
}
