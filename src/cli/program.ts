/**
 * The tree of commands. What a command does is loaded when it is chosen, so that help
 * and usage errors load no gRPC.
 */
import { Argument, Command, CommanderError, Option } from "commander";
import { EXIT } from "../errors/row.js";
import { StepwellError } from "../errors/stepwell-error.js";
import { nearMatch } from "../model/near-match.js";
import { VERSION } from "../model/version.js";
import { addBundles } from "./commands/bundle-program.js";
import { addComponents } from "./commands/component-program.js";
import type { StartOptions, StopOptions } from "./commands/daemon.js";
import type {
  ChangeOptions as ChangeLetterOptions,
  ListOptions as ListLetterOptions,
  RetryOptions as RetryLetterOptions,
} from "./commands/dead-letter.js";
import type { DoctorOptions } from "./commands/doctor.js";
import { addExamples } from "./commands/examples.js";
import type { FlushOptions } from "./commands/flush.js";
import { helpWords } from "./commands/help-request.js";
import { addIntegrations } from "./commands/integration-program.js";
import { addLogs } from "./commands/log-program.js";
import type { LogsOptions } from "./commands/logs.js";
import { addRelay } from "./commands/relay-program.js";
import { addRun } from "./commands/run-program.js";
import { addRuns } from "./commands/runs-program.js";
import { addSecrets } from "./commands/secret-program.js";
import type { ServiceOptions } from "./commands/service.js";
import { addStacks } from "./commands/stack-program.js";
import type { StatusOptions } from "./commands/status.js";
import { SCRIPTS, SHELLS } from "./completion/scripts.js";
import type { Context } from "./context.js";
import { refuseEmptyNames } from "./input/empty-names.js";
import { columns } from "./input/list-options.js";
import { count, type Does, letterNumber, type OutputOptions, output, secondsUpTo } from "./input/options.js";

/** Runs one command line, normalized. Resolves to its exit code; throws CommanderErrors and StepwellErrors. */
export async function runProgram(context: Context, args: readonly string[]): Promise<number> {
  if (args.length === 0)
    throw new StepwellError("STEPWELL_USAGE", "Give a command, such as: stepwell status.");
  let exitCode = 0;
  const program = makeProgram(context, (action) => async (...args) => {
    exitCode = await action(...args);
  });
  try {
    await program.parseAsync(helpWords(program, args) ?? args, { from: "user" });
  } catch (error) {
    const name = unknownWithValue(error);
    if (name === undefined) throw withNearOption(args, error);
    // Once more without the value: then there is a near match, and no error shows what may be a password.
    return runProgram(
      context,
      args.map((word) => (word.startsWith(`${name}=`) ? name : word)),
    );
  }
  return exitCode;
}

/** A command that lacks an option, with the one that was typed in its place: a setting may have any other name. */
function withNearOption(args: readonly string[], error: unknown): unknown {
  if (!(error instanceof CommanderError) || error.code !== "commander.missingMandatoryOptionValue")
    return error;
  const option = /--[\w-]+/.exec(error.message)?.[0] ?? "";
  const typed = args.flatMap((word) => /^--[\w-]+/.exec(word)?.[0] ?? []);
  const near = typed.find((word) => nearMatch(word, [option]) !== "");
  if (near === undefined) return error;
  const hint = nearMatch(near, [option]);
  return new StepwellError(
    "STEPWELL_USAGE",
    `Required option '${option}' is not given, '${near}' is.${hint}`,
  );
}

/** The name of an unknown option that came with a value, as in --paswort=x. */
function unknownWithValue(error: unknown): string | undefined {
  if (!(error instanceof CommanderError) || error.code !== "commander.unknownOption") return undefined;
  return /'(--[^=']+)=/.exec(error.message)?.[1];
}

/** Help looks the same in each terminal, in a pipe and in the guide. */
const HELP_COLUMNS = 80;

/** The tree of commands; `does` takes what each does. */
export function makeProgram(context: Context, does: Does): Command {
  const program = new Command("stepwell")
    .description("Journals the metrics, params and tags of training steps and flushes them to MLflow.")
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      ...{ writeOut: context.stdout, writeErr: context.stderr, outputError: () => {} },
      ...{ getOutHelpWidth: () => HELP_COLUMNS, getErrHelpWidth: () => HELP_COLUMNS },
    })
    .helpOption("-h, --help", "show help")
    .hook("preAction", (_, command) => refuseEmptyNames(command));
  addDaemon(program.command("daemon").description("start, stop and look at the daemon"), context, does);
  addStatus(program, context, does);
  addDoctor(program, context, does);
  addDeadLetters(
    program.command("dead-letter").description("entries that backends refused for good"),
    context,
    does,
  );
  addRuns(program, context, does);
  program
    .command("watch")
    .description("show runs and their curves on the whole terminal, while they go on; ? shows the keys")
    .argument("[runs...]", "their ids, or the first 4 or more digits of them; the newest unless given")
    .action(does(async (runs: string[]) => (await import("./commands/watch.js")).watch(context, runs)));
  addRun(program, context, does);
  addLogs(program, context, does);
  addComponents(program, "experiment-tracker", "where runs are tracked", context, does);
  addComponents(program, "artifact-store", "where artifacts are kept", context, does);
  addComponents(program, "orchestrator", "what runs steps", context, does);
  addStacks(program.command("stack").description("named sets of components"), context, does);
  addSecrets(program, context, does);
  addIntegrations(program, context, does);
  addBundles(program, context, does);
  addRelay(program, context, does);
  program
    .command("version")
    .description("print its version")
    .action(
      does(async () => {
        context.stdout(`${VERSION}\n`);
        return EXIT.ok;
      }),
    );
  program
    .command("completion")
    .description("print what connects a shell's completion with this command")
    .addArgument(new Argument("<shell>").choices(SHELLS))
    .action(
      does(async (shell: (typeof SHELLS)[number]) => {
        context.stdout(SCRIPTS[shell]);
        return EXIT.ok;
      }),
    );
  addExamples(program);
  return program;
}

function addDaemon(daemon: Command, context: Context, does: Does): void {
  const load = () => import("./commands/daemon.js");
  const drain = () =>
    new Option("--timeout <seconds>", "how long it may flush before it ends; what is left stays on disk")
      .argParser(secondsUpTo(3_600))
      .default(10);
  const network = ["--allow-network-fs", "take a home on a network file system"] as const;
  daemon
    .command("start")
    .description("start it, if it does not run, and wait until it answers")
    .option(...network)
    .addOption(output())
    .action(does(async (options: StartOptions) => (await load()).start(context, options)));
  daemon
    .command("stop")
    .description("ask it to flush and end, and wait until it has")
    .addOption(drain())
    .action(does(async (options: StopOptions) => (await load()).stop(context, options)));
  daemon
    .command("restart")
    .description("stop it and start it again")
    .addOption(drain())
    .option(...network)
    .addOption(output())
    .action(does(async (options: StartOptions & StopOptions) => (await load()).restart(context, options)));
  daemon
    .command("status")
    .description("show which daemon answers; starts none")
    .addOption(output())
    .action(does(async (options: OutputOptions) => (await load()).status(context, options)));
  daemon
    .command("run")
    .description("run it in the foreground, for a container or a service manager")
    .option(...network)
    .action(
      does(async (options: StartOptions) => (await import("./commands/run-daemon.js")).run(context, options)),
    );
  daemon
    .command("install")
    .description("have the system run it, now and from each login on: a systemd user unit or a launchd agent")
    .option("--dry-run", "show what would be written and typed, and change nothing")
    .action(
      does(async (options: ServiceOptions) =>
        (await import("./commands/service.js")).install(context, options),
      ),
    );
  daemon
    .command("uninstall")
    .description("undo that; nothing of the home is removed")
    .option("--dry-run", "show what would be removed and typed, and change nothing")
    .action(
      does(async (options: ServiceOptions) =>
        (await import("./commands/service.js")).uninstall(context, options),
      ),
    );
  daemon
    .command("logs")
    .description("show the end of its log")
    .addOption(new Option("-n, --lines <number>", "how many lines").argParser(count).default(100))
    .option("-f, --follow", "go on as the log grows")
    .action(
      does(async (options: LogsOptions) => (await import("./commands/logs.js")).logs(context, options)),
    );
}

function addStatus(program: Command, context: Context, does: Does): void {
  program
    .command("status")
    .description("show what is queued, delivered and wrong; starts no daemon")
    .option("--check", "exit 5 if there are dead letters, 4 if a lane is held or retries")
    .option("--watch", "go on, every second; in json one object a line")
    .option("-v, --verbose", "all numbers, too; a pipe gets them anyway")
    .addOption(new Option("--all", "every lane, not only those that tell most").conflicts("watch"))
    .addOption(output())
    .action(
      does(async (options: StatusOptions) => (await import("./commands/status.js")).status(context, options)),
    );
  program
    .command("flush")
    .description("wait until the backends have confirmed everything")
    .addOption(new Option("--timeout <seconds>", "how long").argParser(secondsUpTo(86_400)).default(60))
    .addOption(output())
    .action(
      does(async (options: FlushOptions) => (await import("./commands/flush.js")).flush(context, options)),
    );
}

function addDoctor(program: Command, context: Context, does: Does): void {
  program
    .command("doctor")
    .description("look for what is wrong, with or without a daemon; exit 1 if anything failed")
    .option("--salvage", "bring back what can be read of damaged journal segments; no daemon may run")
    .option("--stop", "with --salvage: end the daemon first")
    .addOption(output())
    .action(
      does(async (options: DoctorOptions) => (await import("./commands/doctor.js")).doctor(context, options)),
    );
}

function addDeadLetters(letters: Command, context: Context, does: Does): void {
  const load = () => import("./commands/dead-letter.js");
  const run = () =>
    new Option("--run <run>", "those of one run: its id or the beginning of it").default("", "all");
  const tracker = () => new Option("--tracker <name>", "those that one tracker refused").default("", "all");
  letters
    .command("list")
    .description("list them, the oldest first")
    .addOption(run())
    .addOption(tracker())
    .addOption(new Option("--limit <number>", "how many at most").argParser(count).default(100))
    .addOption(columns())
    .addOption(output())
    .action(does(async (options: ListLetterOptions) => (await load()).list(context, options)));
  letters
    .command("show")
    .description("show one with the entries in it")
    .argument("<number>", "its number", letterNumber)
    .addOption(output())
    .action(
      does(async ([number = 0]: number[], options: OutputOptions) =>
        (await load()).show(context, number, options),
      ),
    );
  letters
    .command("retry")
    .description(
      "send them again, each to the tracker that refused it; a tag gets the value that it has in the letter",
    )
    .argument("[numbers...]", "their numbers", letterNumber)
    .option("--all", "all of them")
    .addOption(run())
    .addOption(tracker())
    .addOption(
      new Option("--timeout <seconds>", "how long to wait for what becomes of them")
        .argParser(secondsUpTo(3_600))
        .default(10),
    )
    .addOption(output())
    .action(
      does(async (numbers: number[], options: RetryLetterOptions) =>
        (await import("./commands/dead-letter-retry.js")).retry(context, numbers, options),
      ),
    );
  letters
    .command("drop")
    .description("remove them for good")
    .argument("[numbers...]", "their numbers", letterNumber)
    .option("--all", "all of them")
    .addOption(run())
    .addOption(tracker())
    .option("-y, --yes", "ask nothing")
    .addOption(output())
    .action(
      does(async (numbers: number[], options: ChangeLetterOptions) =>
        (await load()).drop(context, numbers, options),
      ),
    );
}
