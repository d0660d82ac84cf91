/** How a command says what went wrong: a sentence, what to do, the code; never a stack trace. */
import { CommanderError } from "commander";
import { boundedSentence } from "../../errors/bounded-sentence.js";
import { EXIT } from "../../errors/row.js";
import { StepwellError, toStepwellError } from "../../errors/stepwell-error.js";
import { visible } from "./people.js";

/** Prints the fault and returns its exit code; `command` is what was typed, as "stepwell stack set". */
export function reportFault(thrown: unknown, stderr: (text: string) => void, command: string): number {
  const error =
    thrown instanceof CommanderError ? usageError(thrown) : (diskError(thrown) ?? toStepwellError(thrown));
  const remedy = error.code === "STEPWELL_USAGE" ? `See ${command} --help.` : error.remedy;
  stderr(faultText(error.message, remedy, error.code));
  return EXIT[error.row.exit];
}

/** A fault as it is printed: a sentence, what to do, and the code below it. */
export function faultText(sentence: string, remedy: string, code: string): string {
  const lines = [`error: ${boundedSentence(visible(sentence))}`, visible(remedy), code];
  return `${lines.filter((line) => line !== "").join("\n  ")}\n`;
}

/** Commander says "error: unknown command 'x'" and, where it has one, a near match on a line of its own. */
function usageError(thrown: CommanderError): StepwellError {
  // The value of an unknown option may be a credential.
  const message = thrown.message.replace(/^error: (unknown option '(?:--[\w-]+|-[^-]))[\s\S]*'/, "$1'");
  const [what = "", hint] = message.replace(/^error: /, "").split("\n");
  const sentence = `${what.charAt(0).toUpperCase()}${what.slice(1).replace(/\.$/, "")}.`;
  const nearMatch = hint ? ` ${hint.replace(/^\((.*)\)$/, "$1")}` : "";
  return new StepwellError("STEPWELL_USAGE", `${sentence}${nearMatch}`, { cause: thrown });
}

/** What the system says of the home's disk: nobody needs a bug report for that. */
function diskError(thrown: unknown): StepwellError | undefined {
  if (!(thrown instanceof Error) || !("code" in thrown) || !("syscall" in thrown)) return undefined;
  if (thrown.code === "ENOSPC" || thrown.code === "EDQUOT")
    return new StepwellError("STEPWELL_DISK_FULL", "The disk of the home is full.", { cause: thrown });
  if (thrown.code === "EROFS" || thrown.code === "EACCES" || thrown.code === "EPERM")
    return new StepwellError("STEPWELL_HOME_UNUSABLE", `The home can't be written: ${thrown.message}.`, {
      cause: thrown,
    });
  return undefined;
}
