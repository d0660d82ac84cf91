import { StepwellError } from "../../errors/stepwell-error.js";
import type { ErrorCode } from "../../errors/table.js";
import type { Status } from "../../gen/stepwell/v1/daemon.js";
import { isKnown } from "./call-error.js";

/** What a status says of the home, as the error that it is: of the journal before the state store. Undefined when all is well. */
export function homeFault(status: Status): StepwellError | undefined {
  return journalFault(status) ?? stateFault(status);
}

/** What a status says of the journal. */
export function journalFault({ journalError }: Status): StepwellError | undefined {
  return saidFault(journalError, "STEPWELL_JOURNAL_FAILED");
}

/** What a status says of the state store. */
export function stateFault({ stateError }: Status): StepwellError | undefined {
  return saidFault(stateError, "STEPWELL_STORE_DAMAGED");
}

/** An error out of "CODE: sentences and the remedy"; undefined for nothing. */
export function saidFault(said: string, codeElse: ErrorCode): StepwellError | undefined {
  if (said === "") return undefined;
  const [, code = "", text = said] = /^([A-Z_]+): (.*)$/s.exec(said) ?? [];
  const error = new StepwellError(isKnown(code) ? code : codeElse, text);
  const { remedy } = error.row;
  // What ends otherwise says itself what to do.
  if (!text.endsWith(remedy)) return new StepwellError(error.code, text, { remedy: "" });
  return new StepwellError(error.code, text.slice(0, -remedy.length).trimEnd());
}
