/** The vault's passphrase as somebody types or pipes it; it is in no argument and no error. */
import { StepwellError } from "../../errors/stepwell-error.js";
import { VALUE_FILE_BYTES_MAX } from "../../model/limits.js";
import { readInputWithin } from "./bounded-text.js";
import { openPrompts } from "./hidden-input.js";

const INSTEAD = "use --stdin";

/** Asks once, or reads standard input. Throws STEPWELL_USAGE where nothing is given. */
export async function readPassphrase(isPiped: boolean): Promise<string> {
  return isPiped ? await piped() : await typed(["The vault's passphrase: "]);
}

/** Asks twice, or reads standard input. Throws STEPWELL_USAGE where nothing is given, or not the same twice. */
export async function readNewPassphrase(isPiped: boolean): Promise<string> {
  return isPiped ? await piped() : await typed(["A passphrase for the vault: ", "The same again: "]);
}

async function piped(): Promise<string> {
  return given((await readInputWithin(VALUE_FILE_BYTES_MAX)).replace(/\r?\n$/, ""));
}

async function typed(questions: readonly string[]): Promise<string> {
  const prompts = openPrompts(INSTEAD);
  try {
    const answers: string[] = [];
    for (const question of questions) answers.push(given(await prompts.askHidden(question)));
    const [passphrase = ""] = answers;
    if (answers.every((answer) => answer === passphrase)) return passphrase;
    throw usage("The two passphrases are not the same; nothing was changed.");
  } finally {
    prompts.close();
  }
}

function given(passphrase: string): string {
  if (passphrase !== "") return passphrase;
  throw usage("No passphrase was given; nothing was changed.");
}

function usage(sentence: string): StepwellError {
  return new StepwellError("STEPWELL_USAGE", sentence);
}
