import { REMEDIES } from "./contract.js";

/** The stable codes that the client itself gives. A stream that failed passes on the daemon's code. */
export type ClientErrorCode = keyof typeof REMEDIES;

/** The one error of the client: a stable code, one sentence about this case, and what to do. The message has all three. */
export class StepwellClientError extends Error {
  readonly code: string;
  readonly sentence: string;
  readonly remedy: string;

  constructor(code: ClientErrorCode | Fault, sentence?: string) {
    const fault: Fault =
      typeof code === "string" ? { code, sentence: sentence ?? code, remedy: REMEDIES[code] } : code;
    super(`${fault.code}: ${fault.sentence} ${fault.remedy}`.trimEnd());
    this.name = "StepwellClientError";
    this.code = fault.code;
    this.sentence = fault.sentence;
    this.remedy = fault.remedy;
  }
}

/** An error as data, so that it can cross from the sender's thread. */
export interface Fault {
  readonly code: string;
  readonly sentence: string;
  readonly remedy: string;
  /** How long it may last before it is said, in milliseconds; as of any daemon that is out of reach unless given. */
  readonly patienceMs?: number;
}

/** A fault of the client's own table. */
export function clientFault(code: ClientErrorCode, sentence: string): Fault {
  return { code, sentence, remedy: REMEDIES[code] };
}
