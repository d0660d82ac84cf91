/** The commands of stacks. */
import { type Command, Option } from "commander";
import type { Context } from "../context.js";
import { type ListOptions, STACK_FILTERS, withListOptions } from "../input/list-options.js";
import { type Does, dryRun, labels, type OutputOptions, output } from "../input/options.js";
import type { DeleteOptions, PartOptions, RegisterOptions } from "./stack.js";
import type { ExportOptions, ImportOptions } from "./stack-transfer.js";

/** register, list and so on of stacks. */
export function addStacks(stacks: Command, context: Context, does: Does): void {
  const load = () => import("./stack.js");
  withParts(stacks.command("register").description("add a stack").argument("<name>"), "default")
    .option("--set", "make it the active one")
    .action(
      does(async (name: string, options: RegisterOptions) => (await load()).register(context, name, options)),
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
  addTransfers(stacks, context, does);
}

function addTransfers(stacks: Command, context: Context, does: Does): void {
  const load = () => import("./stack-transfer.js");
  stacks
    .command("validate")
    .description("say what would keep runs of a stack from being delivered; without a name of the active one")
    .argument("[name]", "its name, its id or the beginning of its id", "")
    .addOption(output())
    .action(
      does(async (name: string, options: OutputOptions) => (await load()).validate(context, name, options)),
    );
  stacks
    .command("register-secrets")
    .description(
      "ask for the secrets that a stack refers to and that do not exist; without a name of the active one",
    )
    .argument("[name]", "its name, its id or the beginning of its id", "")
    .option("--skip-existing", "as it always does: what exists is not asked for")
    .action(does(async (name: string) => (await load()).registerSecrets(context, name)));
  stacks
    .command("export")
    .description("write a stack with its components, without any secret; without a name the active one")
    .argument("[name]", "its name, its id or the beginning of its id", "")
    .argument("[file]", "a new file; without one the answer is the text")
    .option("--force", "write over a file")
    .addOption(
      new Option("-o, --output <format>", "in which format").choices(["yaml", "json"]).default("yaml"),
    )
    .action(
      does(async (name: string, file: string | undefined, options: ExportOptions) =>
        (await load()).exportStack(context, name, file, options),
      ),
    );
  stacks
    .command("import")
    .description(
      "add a stack from a file; components that are there already, with the same settings, are used",
    )
    .argument("[name]", "another name than the file's", "")
    .option("-f, --filename <file>", "the file, or - for standard input; NAME.yaml unless given")
    .option("--rename", "give what clashes with something else of its name another name")
    .option("--ignore-version-mismatch", "try a file of another version of the format")
    .addOption(dryRun())
    .addOption(output())
    .action(
      does(async (name: string, options: ImportOptions) =>
        (await load()).importStack(context, name, options),
      ),
    );
}

function addStackLooks(stacks: Command, context: Context, does: Does): void {
  const load = () => import("./stack.js");
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
