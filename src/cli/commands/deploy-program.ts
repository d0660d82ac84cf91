/** The commands around servers that stand behind an experiment tracker: deploy, and its status, stop and destroy. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { PROVIDERS } from "../../deploy/providers.js";
import type { Context } from "../context.js";
import { type Does, type OutputOptions, output } from "../input/options.js";
import type { DeployOptions, DestroyOptions } from "./deploy.js";
import { deploySettingsHelp } from "./deploy-help.js";

/** deploy [NAME], and below it status, stop and destroy. */
export function addDeploy(trackers: Command, context: Context, does: Does): void {
  const load = () => import("./deploy.js");
  const deploy = trackers
    .command("deploy")
    .description(
      "start an MLflow server of your own here, or write what one needs elsewhere, and register its tracker; again for one that was stopped",
    )
    .argument("[name]", "of the deployment, its tracker and its secret; a random one unless given", "")
    .addOption(new Option("-f, --flavor <flavor>", "what kind it is").choices(["mlflow"]).default("mlflow"))
    .addOption(new Option("--provider <provider>", "where; local unless given").choices(PROVIDERS))
    .addOption(
      new Option("-x, --extra <key=value>", "a setting of the deployment; any number of times")
        .argParser(setting)
        .default({}, "none"),
    )
    .option("--folder <path>", "where what is written goes, for any provider but local; ./NAME unless given")
    .option("--apply", "carry it out with tofu and kubectl of the PATH, for any provider but local")
    .addOption(output())
    .addHelpText("after", deploySettingsHelp)
    .action(
      does(async (name: string, options: DeployOptions) => (await load()).deploy(context, name, options)),
    );
  deploy
    .command("status")
    .description("show one, or list all")
    .argument("[name]", "its name", "")
    .addOption(output())
    .action(
      // Options that deploy has, too, are read as its own, wherever they stand.
      does(async (name: string, _options: OutputOptions, command: Command) =>
        (await load()).status(context, name, command.optsWithGlobals<OutputOptions>()),
      ),
    );
  deploy
    .command("stop")
    .description("end its servers here; all is kept, and runs that go to it wait in the journal")
    .argument("<name>", "its name")
    .action(does(async (name: string) => (await load()).stop(context, name)));
  deploy
    .command("destroy")
    .description("end its servers here and remove all of it: runs, artifacts in the home, tracker and secret")
    .argument("<name>", "its name")
    .option("-y, --yes", "ask nothing")
    .action(
      does(async (name: string, options: DestroyOptions) => (await load()).destroy(context, name, options)),
    );
}

function setting(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const [, key, value] = /^([A-Za-z][\w-]*)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined)
    throw new InvalidArgumentError("Give it as -x KEY=VALUE, as in -x mlflow_bucket=gs://my_bucket.");
  const name = key.replaceAll("-", "_");
  if (name in before) throw new InvalidArgumentError(`-x ${name} is given twice.`);
  return { ...before, [name]: value };
}
