import { type Command, Option } from "commander";
import type { Context } from "../context.js";
import { type Does, type OutputOptions, output, secondsUpTo } from "../input/options.js";
import type { ExportOptions } from "./bundle.js";
import type { ImportOptions } from "./bundle-folder.js";

/** bundle export, import and confirm. */
export function addBundles(program: Command, context: Context, does: Does): void {
  const load = () => import("./bundle.js");
  const bundle = program
    .command("bundle")
    .description("carry what waits by hand, or through a folder, where no network leads to the tracker");
  bundle
    .command("export")
    .description(
      "write what waits for a tracker into a file; it stays in the journal until a receipt comes back",
    )
    .argument("<file>", "the file to make")
    .option("-e, --experiment-tracker <name>", "the tracker; the active stack's default unless given")
    .option("--run <run>", "one run alone: its id or the beginning of it")
    .option("--again", "begin at what is confirmed, and not where the bundle before ended")
    .option("--recipient <recipient>", "encrypt it for this age recipient (age1...)")
    .addOption(output())
    .action(
      does(async (file: string, options: ExportOptions) => (await load()).exportFile(context, file, options)),
    );
  bundle
    .command("import")
    .description("deliver a file, or all bundles of a folder, and leave a receipt beside each")
    .argument("<path>", "a bundle, or a folder that daemons write bundles into")
    .requiredOption("--to <name>", "the tracker to deliver to")
    .option("--watch", "go on with what appears in the folder")
    .option("--identity <file>", "the file of the age identity that opens it")
    .addOption(
      new Option("--timeout <seconds>", "how long a tracker that takes nothing is asked again")
        .argParser(secondsUpTo(86_400))
        .default(60),
    )
    .addOption(output())
    .action(
      does(async (path: string, options: ImportOptions) => (await load()).importPath(context, path, options)),
    );
  bundle
    .command("confirm")
    .description("take the receipt of an import: what it confirms leaves the journal")
    .argument("<receipt>", "the receipt's file")
    .addOption(output())
    .action(
      does(async (file: string, options: OutputOptions) => (await load()).confirm(context, file, options)),
    );
}
