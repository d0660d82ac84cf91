import type { Command } from "commander";
import type { Context } from "../context.js";
import type { Does } from "../input/options.js";
import type { RunOptions } from "./run.js";

/** `run`, which ends with its program's exit code. */
export function addRun(program: Command, context: Context, does: Does): void {
  program
    .command("run")
    .usage("[options] -- COMMAND...")
    .description("run a program, in any language, with a run to log to that ends as the program does")
    .option("-e, --experiment-tracker <name>", "where to; without it the active stack's default")
    .option("--experiment-name <name>", "the experiment's name (default: Default)")
    .option("--run-name <name>", "the run's name")
    .option("--system-metrics [seconds]", "log what the machine and the program take, every 10 s or so often")
    .option(
      "--notify <command>",
      "a line for a shell that is told how the run ended: as JSON on its standard input",
    )
    .option("--no-output", "do not keep what the program writes as the artifact output.log of its run")
    .argument("[command...]", "the program and its arguments")
    .action(
      does(async (words: string[], options: RunOptions) =>
        (await import("./run.js")).run(context, words, options),
      ),
    );
}
