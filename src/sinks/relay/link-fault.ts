/** What a stream to a relay ended with, in words of ours. */
import { type ServiceError, status } from "@grpc/grpc-js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { ERRORS, type ErrorCode } from "../../errors/table.js";

/** What proxies in front of relays, and servers that are none, end a call with. */
const CODES: ReadonlyMap<status, ErrorCode> = new Map<status, ErrorCode>([
  [status.UNIMPLEMENTED, "STEPWELL_SERVER_NOT_UNDERSTOOD"],
  [status.UNAUTHENTICATED, "STEPWELL_NOT_AUTHENTICATED"],
  [status.PERMISSION_DENIED, "STEPWELL_NOT_PERMITTED"],
]);

/** Node's words for a connection that broke before both sides knew each other: whoever stood behind a balancer died. */
const CUT_WHILE_GREETING = "before secure TLS connection was established";

/** What a relay says of itself has its code in the trailing metadata; all else is gRPC's or the network's. */
export function linkFault(error: ServiceError, address: string): StepwellError {
  const { code, details, metadata } = error;
  const said = metadata?.get("stepwell-code")[0]?.toString() ?? "";
  if (Object.hasOwn(ERRORS, said)) return new StepwellError(said as ErrorCode, `${address}: ${details}`);
  if (/certificate|TLS|SSL|ERR_TLS|altnames/i.test(details.replace(CUT_WHILE_GREETING, "")))
    return new StepwellError("STEPWELL_TLS_FAILED", `${address}: ${details}`);
  const known = CODES.get(code) ?? "STEPWELL_SERVER_UNREACHABLE";
  return new StepwellError(known, `${address}: ${details || error.message}`);
}
