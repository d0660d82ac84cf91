/** The commands around an MLflow of one's own: integration and ui. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { MLFLOW_VERSION } from "../../mlflow/mlflow-version.js";
import type { Context } from "../context.js";
import { type Does, type OutputOptions, output } from "../input/options.js";
import type { EnvOptions } from "./env.js";
import type { InstallOptions } from "./integration.js";
import type { UiOptions } from "./ui.js";

/** integration install, list and uninstall; ui; env. */
export function addIntegrations(program: Command, context: Context, does: Does): void {
  const load = () => import("./integration.js");
  const integrations = program
    .command("integration")
    .description("an MLflow for all of your homes, for its pages");
  integrations
    .command("install")
    .description(
      "make a virtual environment with MLflow, for all of your homes; or put PostgreSQL beside it, for deployments",
    )
    .argument("<name>", "mlflow or postgresql")
    .option("--mlflow-version <version>", "which one", MLFLOW_VERSION)
    .option("-y, --yes", "ask nothing")
    .action(
      does(async (name: string, options: InstallOptions) => (await load()).install(context, name, options)),
    );
  integrations
    .command("list")
    .description("show what is installed")
    .addOption(output())
    .action(does(async (options: OutputOptions) => (await load()).list(context, options)));
  integrations
    .command("uninstall")
    .description("remove it")
    .argument("<name>", "mlflow")
    .option("-y, --yes", "ask nothing")
    .action(
      does(async (name: string, options: Pick<InstallOptions, "yes">) =>
        (await load()).uninstall(context, name, options),
      ),
    );
  program
    .command("env")
    .description('print what a shell needs for MLflow\'s own code: eval "$(stepwell env)"')
    .addOption(tracker())
    .action(does(async (options: EnvOptions) => (await import("./env.js")).env(context, options)));
  program
    .command("ui")
    .description("open the page of runs and their curves, live; with --mlflow MLflow's own, until Ctrl-C")
    .option("--no-open", "only print the address")
    .option("--mlflow", "MLflow's pages for a local store, or where a server has them")
    .addOption(tracker())
    .addOption(
      new Option("--port <number>", "on which port; 5000 or a free one unless given").argParser(port),
    )
    .action(does(async (options: UiOptions) => (await import("./ui.js")).ui(context, options)));
}

function tracker(): Option {
  return new Option("-e, --experiment-tracker <name>", "which tracker's").default("", "the active stack's");
}

function port(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 65_535) return value;
  throw new InvalidArgumentError("Give a port from 1 to 65535.");
}
