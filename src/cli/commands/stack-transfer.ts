/** `stack export`, `import`, `validate` and `register-secrets`. */
import { writeFileSync } from "node:fs";
import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { systemCode } from "../../errors/system-code.js";
import { STACK_FILE_BYTES_MAX } from "../../model/limits.js";
import { shellWord } from "../../model/shell-word.js";
import type { Context } from "../context.js";
import { askDaemon, withDaemon } from "../daemon/with-daemon.js";
import { readFileWithin, readInputWithin } from "../input/bounded-text.js";
import { openPrompts } from "../input/hidden-input.js";
import { askForSecrets } from "../input/missing-secrets.js";
import { did, type OutputOptions } from "../input/options.js";
import { readStackFile, stackFileOf } from "../input/stack-file.js";
import { isForPeople, render, showAnswer } from "../output/output.js";
import { stackView } from "../output/views.js";

/** Options of `stack export`. */
export interface ExportOptions {
  readonly output: "yaml" | "json";
  readonly force?: true;
}

/** Options of `stack import`. */
export interface ImportOptions extends OutputOptions {
  readonly filename?: string;
  readonly rename?: true;
  readonly ignoreVersionMismatch?: true;
  readonly dryRun?: true;
}

/** `stack export [NAME] [FILE]`: the active stack's without a name, on stdout without a file. */
export async function exportStack(
  context: Context,
  name: string,
  file: string | undefined,
  options: ExportOptions,
): Promise<number> {
  return askDaemon(context, async ({ stacks, call }) => {
    const { stack } = await call(stacks.getStack.bind(stacks), { stack: name });
    if (!stack) throw new StepwellError("STEPWELL_VERSION_MISMATCH", "The daemon's answer holds no stack.");
    const record = stackFileOf(stack);
    const text = await render({ kind: "record", record }, options.output);
    if (file === undefined) context.stdout(text);
    else {
      writeNew(file, text, options.force ?? false);
      context.stderr(`Exported stack ${stack.name} to ${file}.\n`);
    }
    return EXIT.ok;
  });
}

/** `stack import [NAME] -f FILE`: under its own name unless another is given. */
export async function importStack(context: Context, name: string, options: ImportOptions): Promise<number> {
  const path = options.filename ?? `${name}.yaml`;
  if (name === "" && options.filename === undefined)
    throw new StepwellError("STEPWELL_USAGE", "Name the file with -f FILE, or the stack of NAME.yaml.");
  const file = readStackFile(await readText(path), options.ignoreVersionMismatch ?? false);
  return withDaemon(context, async ({ stacks, call }) => {
    const request = {
      name: name || file.name,
      labels: file.labels,
      components: [...file.components],
      renameOnConflict: options.rename ?? false,
      validateOnly: options.dryRun ?? false,
    };
    const { stack, created, reused, missingSecrets } = await call(stacks.importStack.bind(stacks), request);
    const names = (all: readonly { readonly name: string }[]) => all.map((each) => each.name);
    const made = created.length > 0 ? `, with ${names(created).join(", ")}` : "";
    const found = reused.length > 0 ? `; there already: ${names(reused).join(", ")}` : "";
    context.stderr(`${did(options, "Imported", "import")} stack ${stack?.name}${made}${found}.\n`);
    if (missingSecrets.length > 0)
      context.stderr(
        `It needs secrets that do not exist yet: ${missingSecrets.join(", ")}. Give them: stepwell stack register-secrets ${shellWord(stack?.name ?? "")}\n`,
      );
    if (stack && !isForPeople(options.output)) {
      const lists = { created: names(created), reused: names(reused), missing_secrets: missingSecrets };
      await showAnswer(
        context,
        { kind: "record", record: { ...stackView(stack), ...lists } },
        options.output,
      );
    }
    return EXIT.ok;
  });
}

/** `stack validate [NAME]`; without a name the active one. Throws STEPWELL_STACK_INVALID after the answer. */
export async function validate(context: Context, name: string, options: OutputOptions): Promise<number> {
  return askDaemon(context, async ({ stacks, call }) => {
    const { stack, problems, missingSecrets } = await call(stacks.validateStack.bind(stacks), {
      stack: name,
    });
    const isValid = problems.length === 0 && missingSecrets.length === 0;
    const record = { stack, valid: isValid, problems, missing_secrets: missingSecrets };
    if (!isForPeople(options.output)) await showAnswer(context, { kind: "record", record }, options.output);
    if (isValid) {
      context.stderr(`The stack ${stack} is valid.\n`);
      return EXIT.ok;
    }
    const missing = missingSecrets.length > 0 ? [`Missing secrets: ${missingSecrets.join(", ")}.`] : [];
    throw new StepwellError("STEPWELL_STACK_INVALID", [...problems, ...missing].join(" "));
  });
}

/** `stack register-secrets [NAME]`: asks for what its components refer to and nobody has given yet. */
export async function registerSecrets(context: Context, name: string): Promise<number> {
  return withDaemon(context, async (connection) => {
    const { stacks, call } = connection;
    const found = await call(stacks.validateStack.bind(stacks), { stack: name });
    if (found.missingSecrets.length === 0) {
      context.stderr(`All secrets that the stack ${found.stack} refers to exist.\n`);
      return EXIT.ok;
    }
    const missing = found.missingSecrets.join(", ");
    const prompts = openPrompts(`stepwell secret create, for ${missing}`);
    try {
      await askForSecrets(context, connection, prompts, found.missingSecrets);
    } finally {
      prompts.close();
    }
    return EXIT.ok;
  });
}

/** Readable for its owner alone; never over another file unless asked for. */
function writeNew(path: string, text: string, force: boolean): void {
  try {
    writeFileSync(path, text, { mode: 0o600, flag: force ? "w" : "wx" });
  } catch (cause) {
    const code = systemCode(cause) ?? "it can't be written";
    const reason = code === "EEXIST" ? "it is there already; --force writes over it" : code;
    throw new StepwellError("STEPWELL_USAGE", `${path} was not written: ${reason}.`, { cause });
  }
}

/** "-" is standard input. */
async function readText(path: string): Promise<string> {
  if (path === "-") return await readInputWithin(STACK_FILE_BYTES_MAX);
  return readFileWithin(path, STACK_FILE_BYTES_MAX, "can't be read");
}
