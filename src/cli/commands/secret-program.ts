/** The commands of secrets. */
import { Argument, type Command, Option } from "commander";
import type { Context } from "../context.js";
import { type ListOptions, SECRET_FILTERS, withPlainListOptions } from "../input/list-options.js";
import { type Does, type OutputOptions, output } from "../input/options.js";
import type { CreateOptions, DeleteOptions, GetOptions, RenameOptions, UpdateOptions } from "./secret.js";
import type { SetOptions, UnlockOptions } from "./secret-backend.js";

/** create, list and so on. */
export function addSecrets(program: Command, context: Context, does: Does): void {
  const secrets = program.command("secret").description("credentials that trackers refer to as {{name.key}}");
  const load = () => import("./secret.js");
  withValues(secrets.command("create").description("add one")).action(
    does(async (words: string[], options: CreateOptions) => (await load()).create(context, words, options)),
  );
  withValues(secrets.command("update").description("add, change and remove keys; the next flush uses them"))
    .addOption(
      new Option("-r, --remove-keys <key>", "a key to remove")
        .argParser((key: string, before: readonly string[]) => [...before, ...key.split(",")])
        .default([], "none"),
    )
    .action(
      does(async (words: string[], options: UpdateOptions) => (await load()).update(context, words, options)),
    );
  secrets
    .command("rename")
    .description("give it another name")
    .argument("<name>")
    .argument("<new-name>")
    .option("--rewrite-references", "turn the references to it into references to the new name")
    .option("--force", "leave the references to it without a secret")
    .addOption(output())
    .action(
      does(async (name: string, newName: string, options: RenameOptions) =>
        (await load()).rename(context, name, newName, options),
      ),
    );
  secrets
    .command("delete")
    .description("remove one that nothing refers to, after a question on a terminal")
    .argument("<name>")
    .option("-y, --yes", "ask nothing")
    .option("--force", "leave the references to it without a secret")
    .addOption(output())
    .action(
      does(async (name: string, options: DeleteOptions) => (await load()).remove(context, name, options)),
    );
  addLooks(secrets, context, does);
  addBackends(secrets, context, does);
}

function addLooks(secrets: Command, context: Context, does: Does): void {
  const load = () => import("./secret.js");
  withPlainListOptions(
    secrets.command("list").description("list them by name, without values"),
    SECRET_FILTERS,
    "by name",
  ).action(does(async (options: ListOptions) => (await load()).list(context, options)));
  secrets
    .command("get")
    .description("show one, with its values masked")
    .argument("<name>")
    .option("-v, --show", "show the values")
    .addOption(output())
    .action(does(async (name: string, options: GetOptions) => (await load()).get(context, name, options)));
  secrets
    .command("where-used")
    .description("list the settings that refer to it")
    .argument("<name>")
    .addOption(output())
    .action(
      does(async (name: string, options: OutputOptions) => (await load()).whereUsed(context, name, options)),
    );
}

function addBackends(secrets: Command, context: Context, does: Does): void {
  const load = () => import("./secret-backend.js");
  secrets
    .command("unlock")
    .description("give the vault's passphrase to the daemon, until that ends")
    .option("--stdin", "read the passphrase from standard input")
    .action(does(async (options: UnlockOptions) => (await load()).unlock(context, options)));
  const backend = secrets.command("backend").description("where secrets are kept: the keychain or the vault");
  backend
    .command("get")
    .description("show which one is in use, and whether it can be used now")
    .addOption(output())
    .action(does(async (options: OutputOptions) => (await load()).backend(context, options)));
  backend
    .command("set")
    .description("move all secrets there, and keep new ones there")
    .addArgument(new Argument("<kind>").choices(["keychain", "vault"]))
    .option("--passphrase", "ask for a passphrase, hidden, and seal the vault's key with it")
    .option("--no-passphrase", "keep the vault's key in a plain file again")
    .option("--stdin", "with --passphrase: read it from standard input")
    .action(
      does(async (kind: string, options: SetOptions) => (await load()).setBackend(context, kind, options)),
    );
}

function withValues(command: Command): Command {
  return command
    .usage("NAME [--KEY=VALUE...] [options]")
    .argument("[words...]")
    .allowUnknownOption()
    .option("-i, --interactive", "ask for keys and, hidden, for values")
    .option("-v, --values <json>", "a JSON object of values; @FILE reads one from a file")
    .option("--stdin", "read a JSON object of values from standard input")
    .addOption(output());
}
