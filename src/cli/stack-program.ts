/** The commands of components and stacks. */
import { type Command, Option } from "commander";
import type {
  ComponentGroup,
  RegisterOptions as RegisterComponentOptions,
  UpdateOptions,
} from "./commands/component.js";
import type {
  DeleteOptions,
  PartOptions,
  RegisterOptions as RegisterStackOptions,
} from "./commands/stack.js";
import type { Context } from "./context.js";
import { flavorsOf, settingsHelp } from "./flavor-help.js";
import { COMPONENT_FILTERS, type ListOptions, STACK_FILTERS, withListOptions } from "./list-options.js";
import { dryRun, labels, type OutputOptions, output } from "./options.js";

type Does = <Arguments extends unknown[]>(
  action: (...args: Arguments) => Promise<number>,
) => (...args: Arguments) => Promise<void>;

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
  const load = () => import("./commands/component.js");
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
  commands
    .command("delete")
    .description("remove one that no stack holds; runs that go on keep their backend")
    .argument("<name>")
    .addOption(output())
    .action(
      does(async (name: string, options: OutputOptions) =>
        (await load()).remove(context, group, name, options),
      ),
    );
}

function addChanges(commands: Command, group: ComponentGroup, context: Context, does: Does): void {
  const load = () => import("./commands/component.js");
  commands
    .command("register")
    .description("add one; other options are its settings, as in --tracking_uri=URI")
    .usage("NAME --flavor=FLAVOR [--KEY=VALUE...] [options]")
    .argument("[words...]")
    .allowUnknownOption()
    .requiredOption("-f, --flavor <flavor>", `what kind it is: ${flavorsOf(group).join(", ")}`)
    .addOption(labels("a label"))
    .addOption(dryRun())
    .addOption(output())
    .addHelpText("after", (): string => settingsHelp(group))
    .action(
      does(async (words: string[], options: RegisterComponentOptions) =>
        (await load()).register(context, group, words, options),
      ),
    );
  commands
    .command("update")
    .description("change settings and labels; an empty value removes one")
    .usage("NAME [--KEY=VALUE...] [options]")
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
    .usage("NAME --KEY... [options]")
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
  const load = () => import("./commands/component.js");
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

/** register, list and so on of stacks. */
export function addStacks(stacks: Command, context: Context, does: Does): void {
  const load = () => import("./commands/stack.js");
  withParts(stacks.command("register").description("add a stack").argument("<name>"), "default")
    .option("--set", "make it the active one")
    .action(
      does(async (name: string, options: RegisterStackOptions) =>
        (await load()).register(context, name, options),
      ),
    );
  withParts(
    stacks
      .command("update")
      .description("put other components in place of its own; trackers in place of all its trackers")
      .argument("<name>"),
    "as it is",
  ).action(does(async (name: string, options: PartOptions) => (await load()).update(context, name, options)));
  stacks
    .command("remove-component")
    .description("take experiment trackers out of a stack")
    .argument("<name>")
    .addOption(trackers("a tracker to take out").makeOptionMandatory())
    .addOption(output())
    .action(
      does(async (name: string, options: Pick<PartOptions, "experimentTracker" | "output">) =>
        (await load()).removeComponent(context, name, options),
      ),
    );
  stacks
    .command("set-default")
    .description("make one of a stack's trackers the default; without a name of the active stack")
    .argument("[name]", "its name, its id or the beginning of its id", "")
    .requiredOption("-e, --experiment-tracker <name>", "the tracker")
    .addOption(output())
    .action(
      does(async (name: string, options: OutputOptions & { experimentTracker: string }) =>
        (await load()).setDefault(context, name, options),
      ),
    );
  for (const verb of ["rename", "copy"] as const) {
    stacks
      .command(verb)
      .description(verb === "rename" ? "give it another name" : "add one with the same components")
      .argument("<name>")
      .argument("<new-name>")
      .addOption(output())
      .action(
        does(async (name: string, newName: string, options: OutputOptions) =>
          (await load())[verb](context, name, newName, options),
        ),
      );
  }
  addStackLooks(stacks, context, does);
}

function addStackLooks(stacks: Command, context: Context, does: Does): void {
  const load = () => import("./commands/stack.js");
  withListOptions(stacks.command("list").description("list stacks"), STACK_FILTERS).action(
    does(async (options: ListOptions) => (await load()).list(context, options)),
  );
  stacks
    .command("describe")
    .description("show one; without a name the active one")
    .argument("[name]", "its name, its id or the beginning of its id", "")
    .addOption(output())
    .action(
      does(async (name: string, options: OutputOptions) => (await load()).describe(context, name, options)),
    );
  stacks
    .command("get")
    .description("print the name of the active stack")
    .addOption(output())
    .action(does(async (options: OutputOptions) => (await load()).get(context, options)));
  stacks
    .command("set")
    .description("make a stack the active one")
    .argument("<name>")
    .addOption(output())
    .action(does(async (name: string, options: OutputOptions) => (await load()).set(context, name, options)));
  stacks
    .command("delete")
    .description("remove a stack that is not the active one, after a question on a terminal")
    .argument("<name>")
    .option("-r, --recursive", "with its components that no other stack holds, but the default ones")
    .option("-y, --yes", "ask nothing")
    .addOption(output())
    .action(
      does(async (name: string, options: DeleteOptions) => (await load()).remove(context, name, options)),
    );
}

function withParts(command: Command, without: string): Command {
  return command
    .addOption(trackers("an experiment tracker; the first is the default"))
    .addOption(new Option("-a, --artifact-store <name>", "its artifact store").default("", without))
    .addOption(new Option("-o, --orchestrator <name>", "its orchestrator").default("", without))
    .addOption(labels("a label; with an empty value none"))
    .addOption(dryRun())
    .addOption(output("--output <format>"));
}

function trackers(description: string): Option {
  return new Option("-e, --experiment-tracker <name>", description)
    .argParser((name: string, before: readonly string[]) => [...before, name])
    .default([], "none");
}
