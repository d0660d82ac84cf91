import { StepwellError } from "../errors/stepwell-error.js";
import { isCode } from "../errors/system-code.js";

/** What kept a file of bundles from being written or read. */
export function fileFault(path: string, error: unknown): StepwellError {
  if (error instanceof StepwellError) return error;
  const why = error instanceof Error ? error.message : String(error);
  if (isCode(error, "ENOSPC", "EDQUOT"))
    return new StepwellError("STEPWELL_DISK_FULL", `There is no room for ${path}.`, {
      cause: error,
      remedy: "Free disk space there, then try again.",
    });
  return new StepwellError("STEPWELL_BUNDLE_FILE", `${path} can't be used: ${why}.`, { cause: error });
}
