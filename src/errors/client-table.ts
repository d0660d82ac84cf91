/** Errors as clients meet them: those that a client itself gives, and what it does about those of a stream. */

import { type ErrorRow, exhausted, passing, refused, wrongState } from "./row.js";
import type { ErrorCode } from "./table.js";

/** Errors that only a client can tell. Their exit code is of no matter: no command meets them. */
export const CLIENT_ERRORS = {
  STEPWELL_STEP_INVALID: refused("Give the step as a whole number from -2^63 to 2^63-1."),
  STEPWELL_RUN_ACTIVE: wrongState("End the active run first, or start this one as nested, or as not active."),
  STEPWELL_RUN_ENDED: wrongState("Log before the run ends, or start it again by its id."),
  STEPWELL_SPOOL_UNAVAILABLE: wrongState(
    "Let this user write to the home, and its disk have room: what was not sent dies with this process.",
  ),
  STEPWELL_BUFFER_FULL: exhausted("Log less often, or let the daemon answer again: stepwell status."),
  STEPWELL_FLUSH_TIMEOUT: passing("Wait longer, or see what holds the daemon: stepwell status."),
  STEPWELL_HOME_CHANGED: wrongState("Log again what its runs lack; stepwell runs show ID says what one has."),
  STEPWELL_CLIENT_CLOSED: wrongState("Log before the client is closed, or make a new one."),
  STEPWELL_PROCESS_ENDED: wrongState("Log before the process ends."),
  STEPWELL_PLATFORM_UNSUPPORTED: refused("Use a little-endian machine: the wire format is the memory's."),
} as const satisfies Record<string, ErrorRow>;

/** Codes of the daemon's table that a client gives by itself, too, under the same remedy. */
export const CODES_TOLD_BY_CLIENTS: readonly ErrorCode[] = [
  "STEPWELL_KEY_INVALID",
  "STEPWELL_MODEL_ID_INVALID",
  "STEPWELL_VALUE_TOO_LONG",
  "STEPWELL_TEXT_MALFORMED",
  "STEPWELL_VALUE_INVALID",
  "STEPWELL_TIMESTAMP_INVALID",
  "STEPWELL_COLUMN_UNEVEN",
  "STEPWELL_PARAM_CHANGED",
  "STEPWELL_STATUS_INVALID",
  "STEPWELL_RUN_ID_INVALID",
  "STEPWELL_RUN_MISSING",
  "STEPWELL_EXPERIMENT_INVALID",
  "STEPWELL_SETTING_INVALID",
  "STEPWELL_ENTRY_TOO_LARGE",
  "STEPWELL_DAEMON_UNREACHABLE",
  "STEPWELL_HANDSHAKE_INVALID",
  "STEPWELL_ARTIFACT_INVALID",
  "STEPWELL_ARTIFACT_REFUSED",
  "STEPWELL_ARTIFACTS_ELSEWHERE",
  "STEPWELL_HOME_UNUSABLE",
  "STEPWELL_HOME_OPEN",
  "STEPWELL_ENDPOINT_FOREIGN",
  "STEPWELL_INTERNAL",
];

/** What a client does about a code, in sets. */
export const CODE_SETS = {
  FINAL_CODES: {
    meaning: "A stream that ended with one of these is not opened again: what is left is dropped and told.",
    codes: [
      "STEPWELL_PRODUCER_FENCED",
      "STEPWELL_VERSION_MISMATCH",
      "STEPWELL_HANDSHAKE_INVALID",
      "STEPWELL_BATCH_MALFORMED",
      "STEPWELL_MESSAGE_TOO_LARGE",
    ],
  },
  UNSAFE_CODES: {
    meaning:
      "The home or its socket may be another's: it is told at once, and nothing is sent until it is mended.",
    codes: ["STEPWELL_HOME_OPEN", "STEPWELL_ENDPOINT_FOREIGN"],
  },
  PASSING_CODES: {
    meaning:
      "They say nothing of the request: a call that was answered so is made again until its time is over.",
    codes: [
      "STEPWELL_DAEMON_UNREACHABLE",
      "STEPWELL_DAEMON_STOPPING",
      "STEPWELL_JOURNAL_FAILED",
      "STEPWELL_JOURNAL_FULL",
      "STEPWELL_DISK_FULL",
      "STEPWELL_STATE_FAILED",
    ],
  },
} as const satisfies Record<string, { meaning: string; codes: readonly ErrorCode[] }>;
