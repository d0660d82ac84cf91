import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { type StepwellError, toStepwellError } from "../errors/stepwell-error.js";

/** What a call ends with: the table's status, and code and remedy in the trailing metadata. */
export function callErrorOf(thrown: unknown): Partial<ServiceError> & { code: status; metadata: Metadata } {
  const error: StepwellError = toStepwellError(thrown);
  const metadata = new Metadata();
  metadata.set("stepwell-code", error.code);
  // gRPC's metadata takes printable ASCII alone; a remedy may hold a path.
  metadata.set("stepwell-remedy", /^[ -~]*$/.test(error.remedy) ? error.remedy : error.row.remedy);
  return {
    name: error.name,
    message: error.message,
    code: status[error.row.grpc],
    details: error.message,
    metadata,
  };
}
