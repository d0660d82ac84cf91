/** What each code means for the caller; the codes never change, the sentences may. */
const REMEDIES = {
  STEPWELL_KEY_INVALID: "Use at most 250 letters, digits, _ - . : / or spaces, as in val/loss.",
  STEPWELL_MODEL_ID_INVALID:
    "Use the model_id that MLflow gave the logged model: at most 36 letters, digits, _ . or -.",
  STEPWELL_VALUE_TOO_LONG:
    "Shorten the value: params hold 6,000 characters, tags 8,000. Log longer texts as artifacts.",
  STEPWELL_TEXT_MALFORMED: "Give well-formed text: no lone surrogates.",
  STEPWELL_VALUE_INVALID: "Give a metric's value as a number, a param's or tag's as text, number or boolean.",
  STEPWELL_STEP_INVALID: "Give the step as a whole number from -2^63 to 2^63-1.",
  STEPWELL_TIMESTAMP_INVALID: "Give the timestamp in whole milliseconds since 1970, not negative.",
  STEPWELL_COLUMN_UNEVEN: "Give as many steps and timestamps as values.",
  STEPWELL_PARAM_CHANGED:
    "A param can't change within a run: log it under another key, or as a tag or a metric.",
  STEPWELL_STATUS_INVALID: "End a run as FINISHED, FAILED or KILLED.",
  STEPWELL_RUN_ID_INVALID: "Use a run id of 32 lower-case hexadecimal digits.",
  STEPWELL_RUN_ENDED: "Log before the run ends, or start it again with its runId.",
  STEPWELL_RUN_MISSING: "Start a run first: startRun() or withRun().",
  STEPWELL_EXPERIMENT_INVALID: "Use an experiment name of 1 to 500 characters.",
  STEPWELL_SETTING_INVALID: "Correct the setting that the message names.",
  STEPWELL_BUFFER_FULL: "Log less often, or let the daemon answer again: stepwell status.",
  STEPWELL_FLUSH_TIMEOUT: "Wait longer, or see what holds the daemon: stepwell status.",
  STEPWELL_CLIENT_CLOSED: "Log before close(), or make a new client.",
  STEPWELL_HOME_UNUSABLE: "Set STEPWELL_HOME to a folder of your own on a local disk.",
  STEPWELL_HOME_OPEN:
    "Close it to others (chmod 700) after a look at what they may have changed, or set STEPWELL_HOME to a folder of your own.",
  STEPWELL_ENDPOINT_FOREIGN:
    "Nothing was sent. Remove endpoint.json from the home, then: stepwell daemon start. Or unset STEPWELL_ENDPOINT.",
  STEPWELL_DAEMON_UNREACHABLE: "Start it: stepwell daemon start. Its log: stepwell daemon logs.",
  STEPWELL_PLATFORM_UNSUPPORTED: "Use a little-endian machine: the wire format is the memory's.",
  STEPWELL_INTERNAL: "This is a bug in stepwell-client.",
} as const;

/** The stable codes that the client itself gives. A stream that failed passes on the daemon's code. */
export type ClientErrorCode = keyof typeof REMEDIES;

/** The one error of the client: a stable code, one sentence about this case, and what to do. */
export class StepwellClientError extends Error {
  readonly code: string;
  readonly remedy: string;

  constructor(code: ClientErrorCode | Fault, sentence?: string) {
    const fault: Fault =
      typeof code === "string" ? { code, sentence: sentence ?? code, remedy: REMEDIES[code] } : code;
    super(`${fault.code}: ${fault.sentence} ${fault.remedy}`.trimEnd());
    this.name = "StepwellClientError";
    this.code = fault.code;
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
