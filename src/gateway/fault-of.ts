import { StepwellError, toStepwellError } from "../errors/stepwell-error.js";
import { RequestFault } from "./requests/request-fault.js";

/** What stands in a request's way, as MLflow's server says it. */
export function faultOf(error: unknown): RequestFault {
  if (error instanceof RequestFault) return error;
  const fault = toStepwellError(error);
  const message = `${fault.message} ${fault.row.remedy} (${fault.code})`;
  if (!(error instanceof StepwellError)) return new RequestFault("INTERNAL_ERROR", message);
  switch (fault.row.grpc) {
    case "INVALID_ARGUMENT":
    case "FAILED_PRECONDITION":
    case "ALREADY_EXISTS":
      return new RequestFault("INVALID_PARAMETER_VALUE", message);
    case "NOT_FOUND":
      return new RequestFault("RESOURCE_DOES_NOT_EXIST", message);
    case "UNAVAILABLE":
    case "RESOURCE_EXHAUSTED":
      return new RequestFault("TEMPORARILY_UNAVAILABLE", message);
    case "INTERNAL":
      return new RequestFault("INTERNAL_ERROR", message);
  }
}
