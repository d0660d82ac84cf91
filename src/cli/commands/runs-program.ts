/** The commands that show runs. */
import { type Command, Option } from "commander";
import type { Context } from "../context.js";
import { RUN_FILTERS, withPlainListOptions } from "../input/list-options.js";
import { count, type Does, type OutputOptions, output } from "../input/options.js";
import type { ListRunsOptions, ShowRunOptions } from "./runs.js";

/** `runs list`, `runs show` and `runs tail`. */
export function addRuns(program: Command, context: Context, does: Does): void {
  const runs = program.command("runs").description("the runs that the daemon knows");
  const load = () => import("./runs.js");
  withPlainListOptions(
    runs.command("list").description("list runs, the newest first"),
    RUN_FILTERS,
    "the newest first",
  )
    .addOption(new Option("--limit <number>", "how many at most").argParser(count).default(100))
    .option("--filter <filter>", "those that logged this, in MLflow's words: metrics.loss < 0.3")
    .option("--order-by <order>", "the order by what they logged: metrics.loss ASC, params.lr DESC")
    .action(does(async (options: ListRunsOptions) => (await load()).list(context, options)));
  runs
    .command("show")
    .description("show one run: what it logged, and how far it was delivered")
    .argument("<run>", "its id, or the first 4 or more digits of it")
    .option("--curve <metric>", "draw the curve of one metric")
    .addOption(output())
    .action(does(async (run: string, options: ShowRunOptions) => (await load()).show(context, run, options)));
  runs
    .command("tail")
    .description("show each second how one run comes on, until it has ended and is delivered")
    .argument("[run]", "its id, or the first 4 or more digits of it; the newest unless given")
    .addOption(output())
    .action(
      does(async (run: string | undefined, options: OutputOptions) =>
        (await import("./runs-tail.js")).tail(context, run ?? "", options),
      ),
    );
}
