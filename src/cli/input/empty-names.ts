/**
 * Empty names, as a shell makes them of a variable that is not set: what does without a name takes the active one, the
 * newest or all, and that is not what `dead-letter drop --run "$RUN"` asks for.
 */
import type { Command } from "commander";
import { StepwellError } from "../../errors/stepwell-error.js";

/** Options that take a name which may be empty: a run gets another one then. */
const MAY_BE_EMPTY: readonly string[] = ["runName"];

/** Throws a usage error where a name was given and is empty. */
export function refuseEmptyNames(command: Command): void {
  command.registeredArguments.forEach((argument, index) => {
    if (!argument.variadic && command.args[index] === "") throw isEmpty(argument.name());
  });
  for (const option of command.options) {
    const key = option.attributeName();
    if (!/<(name|run)>$/.test(option.flags) || MAY_BE_EMPTY.includes(key)) continue;
    if (command.getOptionValueSource(key) === "cli" && command.getOptionValue(key) === "")
      throw isEmpty(`value of ${option.long ?? option.flags}`);
  }
}

function isEmpty(what: string): StepwellError {
  return new StepwellError("STEPWELL_USAGE", `The ${what} is empty: is a variable of the shell not set?`);
}
