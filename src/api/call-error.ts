import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { boundedSentence, SENTENCE_CHARACTERS_MAX } from "../errors/bounded-sentence.js";
import { type StepwellError, toStepwellError } from "../errors/stepwell-error.js";

type CallError = Partial<ServiceError> & { code: status; metadata: Metadata; details: string };

/** What a call ends with: the table's status, and code and remedy in the trailing metadata. */
export function callErrorOf(thrown: unknown): CallError {
  const error: StepwellError = toStepwellError(thrown);
  const message = boundedSentence(error.message);
  const metadata = new Metadata();
  metadata.set("stepwell-code", error.code);
  // gRPC's metadata takes printable ASCII alone; a remedy may hold a path.
  metadata.set("stepwell-remedy", isHeader(error.remedy) ? error.remedy : error.row.remedy);
  return {
    name: error.name,
    message,
    code: status[error.row.grpc],
    details: message,
    metadata,
  };
}

function isHeader(text: string): boolean {
  return text.length <= SENTENCE_CHARACTERS_MAX && /^[ -~]*$/.test(text);
}
