/** What logs to a run by a command, from any language. */
import { type Command, Option } from "commander";
import type { Context } from "../context.js";
import type { Does, LoggedOptions } from "../input/options.js";
import { stepNumber } from "../input/pairs.js";
import type { ArtifactOptions } from "./artifact.js";
import type { LogOptions } from "./log.js";

/** `log`, `param`, `tag` and `artifact`. */
export function addLogs(program: Command, context: Context, does: Does): void {
  const load = () => import("./log.js");
  program
    .command("log")
    .description("log metrics to a run")
    .argument("[key=value...]", "metrics, as in loss=0.3")
    .addOption(new Option("--step <number>", "their step (default: 0)").argParser(stepNumber))
    .addOption(
      new Option("--stdin", "read lines as they come: JSON objects, or CSV below a header").conflicts("step"),
    )
    .addOption(run())
    .action(
      does(async (words: string[], options: LogOptions) => (await load()).log(context, words, options)),
    );
  program
    .command("param")
    .description("log params to a run; one that is there can't be changed")
    .argument("<key=value...>", "params, as in lr=0.1")
    .addOption(run())
    .action(
      does(async (words: string[], options: LoggedOptions) => (await load()).param(context, words, options)),
    );
  program
    .command("tag")
    .description("set tags of a run")
    .argument("<key=value...>", "tags, as in kind=baseline")
    .addOption(run())
    .action(
      does(async (words: string[], options: LoggedOptions) => (await load()).tag(context, words, options)),
    );
  program
    .command("artifact")
    .description("log a file to a run")
    .argument("<file>", "the file")
    .option("--path <folder>", "a folder of the run's artifacts; its root unless given")
    .addOption(run())
    .action(
      does(async (file: string, options: ArtifactOptions) =>
        (await import("./artifact.js")).artifact(context, file, options),
      ),
    );
}

function run(): Option {
  return new Option("--run <run>", "its id, or the beginning of it; inside of stepwell run it is that run");
}
