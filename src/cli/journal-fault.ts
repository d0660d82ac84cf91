import { StepwellError } from "../errors/stepwell-error.js";
import type { Status } from "../gen/stepwell/v1/daemon.js";
import { isKnown } from "./call-error.js";

/** What a status says of the journal, as the error that it is; undefined when all is well. */
export function journalFault({ journalError }: Status): StepwellError | undefined {
  if (journalError === "") return undefined;
  const [, code = "", text = journalError] = /^([A-Z_]+): (.*)$/s.exec(journalError) ?? [];
  const error = new StepwellError(isKnown(code) ? code : "STEPWELL_JOURNAL_FAILED", text);
  const { remedy } = error.row;
  return new StepwellError(
    error.code,
    text.endsWith(remedy) ? text.slice(0, -remedy.length).trimEnd() : text,
  );
}
