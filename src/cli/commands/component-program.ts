/** The commands of experiment trackers, artifact stores and orchestrators. */
import type { Command } from "commander";
import type { Context } from "../context.js";
import { COMPONENT_FILTERS, type ListOptions, withListOptions } from "../input/list-options.js";
import { type Does, dryRun, labels, type OutputOptions, output } from "../input/options.js";
import type { DeleteOptions, RegisterOptions, UpdateOptions } from "./component.js";
import type { ComponentGroup } from "./component-group.js";
import { addDeploy } from "./deploy-program.js";
import { flavorsOf, settingsHelp } from "./flavor-help.js";

/** register, list and so on of one type of component. */
export function addComponents(
  program: Command,
  group: ComponentGroup,
  description: string,
  context: Context,
  does: Does,
): void {
  const commands = program.command(group).description(description);
  addChanges(commands, group, context, does);
  addLooks(commands, group, context, does);
  if (group === "experiment-tracker") addTest(commands, context, does);
  if (group === "experiment-tracker") addStartAnew(commands, context, does);
  const load = () => import("./component.js");
  for (const verb of ["rename", "copy"] as const) {
    commands
      .command(verb)
      .description(verb === "rename" ? "give it another name" : "add one like it")
      .argument("<name>")
      .argument("<new-name>")
      .addOption(output())
      .action(
        does(async (name: string, newName: string, options: OutputOptions) =>
          (await load())[verb](context, group, [name, newName], options),
        ),
      );
  }
  if (group === "experiment-tracker") addDeploy(commands, context, does);
  commands
    .command("delete")
    .description(
      "remove one that no stack holds, after a question on a terminal; runs that go on keep their backend",
    )
    .argument("<name>")
    .option("-y, --yes", "ask nothing")
    .addOption(output())
    .action(
      does(async (name: string, options: DeleteOptions) =>
        (await load()).remove(context, group, name, options),
      ),
    );
}

function addTest(trackers: Command, context: Context, does: Does): void {
  trackers
    .command("test")
    .description(
      "ask its backend whether runs can go there, and say what to do; without a name the default one",
    )
    .argument("[name]", "its name, its id or the beginning of its id", "")
    .addOption(output())
    .action(
      does(async (name: string, options: OutputOptions) =>
        (await import("./tracker-test.js")).testTracker(context, name, options),
      ),
    );
}

function addStartAnew(trackers: Command, context: Context, does: Does): void {
  trackers
    .command("start-anew")
    .description("say that its store is meant to be gone: the next delivery makes a new one")
    .argument("<name>", "its name, its id or the beginning of its id")
    .action(does(async (name: string) => (await import("./start-anew.js")).startAnew(context, name)));
}

function addChanges(commands: Command, group: ComponentGroup, context: Context, does: Does): void {
  const load = () => import("./component.js");
  commands
    .command("register")
    .description("add one; other options are its settings, as in --tracking_uri=URI")
    .usage("NAME -f FLAVOR [--KEY=VALUE...]")
    .argument("[words...]")
    .allowUnknownOption()
    .requiredOption("-f, --flavor <flavor>", `what kind it is: ${flavorsOf(group).join(", ")}`)
    .option("-i, --interactive", "ask for the settings that are not given")
    .addOption(labels("a label"))
    .addOption(dryRun())
    .addOption(output())
    .addHelpText("after", (): string => settingsHelp(group))
    .action(
      does(async (words: string[], options: RegisterOptions) =>
        (await load()).register(context, group, words, options),
      ),
    );
  commands
    .command("update")
    .description("change settings and labels; an empty value removes one")
    .usage("NAME [--KEY=VALUE...]")
    .argument("[words...]")
    .allowUnknownOption()
    .addOption(labels("a label"))
    .addOption(dryRun())
    .addOption(output())
    .addHelpText("after", (): string => settingsHelp(group))
    .action(
      does(async (words: string[], options: UpdateOptions) =>
        (await load()).update(context, group, words, options),
      ),
    );
  commands
    .command("remove-attribute")
    .description("remove settings")
    .usage("NAME --KEY...")
    .argument("[words...]")
    .allowUnknownOption()
    .addOption(output())
    .action(
      does(async (words: string[], options: OutputOptions) =>
        (await load()).removeAttribute(context, group, words, options),
      ),
    );
}

function addLooks(commands: Command, group: ComponentGroup, context: Context, does: Does): void {
  const load = () => import("./component.js");
  withListOptions(commands.command("list").description("list them"), COMPONENT_FILTERS).action(
    does(async (options: ListOptions) => (await load()).list(context, group, options)),
  );
  commands
    .command("describe")
    .description("show one; without a name the active stack's")
    .argument("[name]", "its name, its id or the beginning of its id", "")
    .addOption(output())
    .action(
      does(async (name: string, options: OutputOptions) =>
        (await load()).describe(context, group, name, options),
      ),
    );
  commands
    .command("get")
    .description("print the name of the active stack's")
    .addOption(output())
    .action(does(async (options: OutputOptions) => (await load()).get(context, group, options)));
}
