/** What the end of a call means. Loads no gRPC. */
import type { ServiceError } from "@grpc/grpc-js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { ERRORS, type ErrorCode } from "../../errors/table.js";

/** gRPC's own status numbers for what needs no code of ours. */
const CANCELLED = 1;
const UNIMPLEMENTED = 12;
const UNAVAILABLE = 14;

/** The daemon's own code where it sent one that this version knows, else what the gRPC status says. */
export function callError(error: ServiceError): StepwellError {
  const [code] = error.metadata?.get("stepwell-code") ?? [];
  const [remedy] = error.metadata?.get("stepwell-remedy") ?? [];
  if (typeof code === "string" && isKnown(code)) {
    const said = typeof remedy === "string" ? { remedy } : {};
    return new StepwellError(code, error.details, { cause: error, ...said });
  }
  if (error.code === UNAVAILABLE || error.code === CANCELLED) {
    return unreachable("The daemon can't be reached, or it is ending.", error);
  }
  if (error.code === UNIMPLEMENTED) {
    const sentence = "The daemon that runs does not know this command.";
    return new StepwellError("STEPWELL_VERSION_MISMATCH", sentence, { cause: error });
  }
  const sentence = typeof code === "string" ? `${error.details} (${code})` : error.details;
  return new StepwellError("STEPWELL_INTERNAL", sentence, { cause: error });
}

/** The daemon is out of reach. */
export function unreachable(sentence: string, cause?: unknown): StepwellError {
  return new StepwellError("STEPWELL_DAEMON_UNREACHABLE", sentence, { cause });
}

/** Whether this version knows a code. */
export function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}
