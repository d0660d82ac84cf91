/** What all clients have in common. Made from src/ by npm run generate. */

/** The version of the protocol that a client says in Hello. */
export const PROTOCOL_VERSION = 1;
/** Longest name and version of a client in Hello, in characters. */
export const CLIENT_NAME_CHARACTERS_MAX = 64;
/** Longest metric, param or tag key, in code points. */
export const KEY_CODE_POINTS_MAX = 250;
/** Longest id of a logged model, in characters. */
export const MODEL_ID_CHARACTERS_MAX = 36;
/** Longest value of a param, in code points. */
export const PARAM_VALUE_CODE_POINTS_MAX = 6000;
/** Longest value of a tag, and longest name of a run, a user or a program, in code points. */
export const TAG_VALUE_CODE_POINTS_MAX = 8000;
/** Longest name of an experiment, in code points. */
export const EXPERIMENT_NAME_CODE_POINTS_MAX = 500;
/** Largest batch that a client gathers, in bytes, where Welcome allows as much. A single larger entry goes alone. */
export const BATCH_BYTES_MAX = 524288;
/** Bytes of a message that every daemon takes: Welcome never says less. A record of a spool is cut for it when it is written. */
export const MESSAGE_BYTES_MIN = 524288;
/** Bytes of entries without an acknowledgement, unless STEPWELL_BUFFER_BYTES says otherwise. Beyond it the newest are dropped, counted and told. */
export const BUFFER_BYTES_MAX = 268435456;
/** Runs that one drain names, whose ids are 340 kB. A client that logged to more since it began waits for all runs of the home. */
export const DRAIN_RUNS_MAX = 10000;
/** What is read of the home's endpoint file, in bytes. */
export const ENDPOINT_FILE_BYTES_MAX = 65536;
/** What is read of the file with the home's id, in bytes. */
export const HOME_ID_FILE_BYTES_MAX = 1024;
/** How long the daemon may take to answer Hello. */
export const WELCOME_WAIT_MS = 10000;
/** Bound of the first wait before a reconnect; the wait is drawn at random from 0 to the bound, which doubles. */
export const RECONNECT_WAIT_MS_MIN = 50;
/** The highest such bound. */
export const RECONNECT_WAIT_MS_MAX = 2000;
/** How long `stepwell daemon start` may take. */
export const DAEMON_START_WAIT_MS = 30000;
/** First pause between two tries to start a daemon. */
export const DAEMON_START_PAUSE_MS_MIN = 1000;
/** The longest such pause. */
export const DAEMON_START_PAUSE_MS_MAX = 30000;
/** How long the daemon may be out of reach before a client says so. */
export const UNREACHABLE_WARNING_MS = 10000;
/** The same where starting one fails: the first failure may be another's start that was killed. */
export const START_FAILURE_WARNING_MS = 1000;
/** How long a flush waits unless its caller says otherwise. */
export const FLUSH_WAIT_MS = 60000;
/** How long a process that ends waits for the next acknowledgement, unless STEPWELL_EXIT_TIMEOUT says otherwise, in seconds. */
export const EXIT_WAIT_MS = 10000;
/** How long the daemon may take to end the stream after Close. */
export const CLOSE_WAIT_MS = 2000;
/** Runs of a process that are told of on stderr. */
export const RUNS_TOLD = 5;
/** How much of a run's name is told. */
export const RUN_NAME_CHARACTERS_TOLD = 80;
/** Pauses between looks at a run that ended, before what became of it is told all the same. */
export const TELL_PAUSES_MS: readonly number[] = [500, 1000, 2000];
/** How long the end of a process asks what became of its runs. */
export const TELL_WAIT_MS = 500;
/** What to do about each code that a client gives by itself. */
export const REMEDIES = {
  STEPWELL_KEY_INVALID: "Use at most 250 letters, digits, _ - . : / or spaces, as in val/loss.",
  STEPWELL_MODEL_ID_INVALID:
    "Use the model_id that MLflow gave the logged model, as in m-0123abcd: at most 36 letters, digits, _ . or -.",
  STEPWELL_VALUE_TOO_LONG:
    "Shorten the value: params hold 6,000 characters, tags 8,000. Log longer texts as artifacts.",
  STEPWELL_TEXT_MALFORMED: "Give valid Unicode: UTF-8 without errors, no lone surrogates.",
  STEPWELL_VALUE_INVALID:
    "Give a metric's value as a number, a param's and a tag's as text. Numeric text is no number.",
  STEPWELL_TIMESTAMP_INVALID: "Give the timestamp in whole milliseconds since 1970, not negative.",
  STEPWELL_COLUMN_UNEVEN: "Give as many steps and timestamps as values.",
  STEPWELL_PARAM_CHANGED:
    "A param can't change within a run: log it under another key, or as a tag or a metric.",
  STEPWELL_STATUS_INVALID: "End a run as FINISHED, FAILED or KILLED.",
  STEPWELL_RUN_ID_INVALID: "Use a run id of 32 lower-case hexadecimal digits.",
  STEPWELL_RUN_MISSING:
    "Start a run first (stepwell run --help, or a client's call), or name one by its id (in a shell: --run ID).",
  STEPWELL_EXPERIMENT_INVALID: "Use an experiment name of 1 to 500 characters.",
  STEPWELL_SETTING_INVALID: "Correct the setting that the message names.",
  STEPWELL_ENTRY_TOO_LARGE: "Shorten or split the entry: no single one may exceed the message limit.",
  STEPWELL_DAEMON_UNREACHABLE: "Start it: stepwell daemon start. Its log: stepwell daemon logs.",
  STEPWELL_HANDSHAKE_INVALID:
    "Send Hello first, with a producer id of 16 bytes and an epoch above 0. Of clients that are not yours: stepwell daemon restart.",
  STEPWELL_ARTIFACT_INVALID:
    "Give what is there and can be stored, such as a file, and a relative path without .. in it.",
  STEPWELL_ARTIFACT_REFUSED:
    "See what the server said. How its tracker is: stepwell experiment-tracker test NAME.",
  STEPWELL_ARTIFACTS_ELSEWHERE:
    "Log it with MLflow's own client and this environment's credentials, or let the server keep artifacts itself: mlflow server --serve-artifacts.",
  STEPWELL_HOME_UNUSABLE: "Set STEPWELL_HOME to a folder of your own on a local disk.",
  STEPWELL_HOME_OPEN:
    "Close it to others (chmod 700 HOME) after a look at what they may have changed, or set STEPWELL_HOME to a folder of your own.",
  STEPWELL_ENDPOINT_FOREIGN:
    "Nothing was sent. Remove endpoint.json from the home, then: stepwell daemon start. Or unset STEPWELL_ENDPOINT.",
  STEPWELL_INTERNAL: "This is a bug in Stepwell. The daemon's log may tell more: stepwell daemon logs.",
  STEPWELL_STEP_INVALID: "Give the step as a whole number from -2^63 to 2^63-1.",
  STEPWELL_RUN_ACTIVE: "End the active run first, or start this one as nested, or as not active.",
  STEPWELL_RUN_ENDED: "Log before the run ends, or start it again by its id.",
  STEPWELL_SPOOL_UNAVAILABLE:
    "Let this user write to the home, and its disk have room: what was not sent dies with this process.",
  STEPWELL_BUFFER_FULL: "Log less often, or let the daemon answer again: stepwell status.",
  STEPWELL_FLUSH_TIMEOUT: "Wait longer, or see what holds the daemon: stepwell status.",
  STEPWELL_HOME_CHANGED: "Log again what its runs lack; stepwell runs show ID says what one has.",
  STEPWELL_CLIENT_CLOSED: "Log before the client is closed, or make a new one.",
  STEPWELL_PROCESS_ENDED: "Log before the process ends.",
  STEPWELL_PLATFORM_UNSUPPORTED: "Use a little-endian machine: the wire format is the memory's.",
} as const;
/** A stream that ended with one of these is not opened again: what is left is dropped and told. */
export const FINAL_CODES: ReadonlySet<string> = new Set([
  "STEPWELL_PRODUCER_FENCED",
  "STEPWELL_VERSION_MISMATCH",
  "STEPWELL_HANDSHAKE_INVALID",
  "STEPWELL_BATCH_MALFORMED",
  "STEPWELL_MESSAGE_TOO_LARGE",
]);
/** The home or its socket may be another's: it is told at once, and nothing is sent until it is mended. */
export const UNSAFE_CODES: ReadonlySet<string> = new Set(["STEPWELL_HOME_OPEN", "STEPWELL_ENDPOINT_FOREIGN"]);
/** They say nothing of the request: a call that was answered so is made again until its time is over. */
export const PASSING_CODES: ReadonlySet<string> = new Set([
  "STEPWELL_DAEMON_UNREACHABLE",
  "STEPWELL_DAEMON_STOPPING",
  "STEPWELL_JOURNAL_FAILED",
  "STEPWELL_JOURNAL_FULL",
  "STEPWELL_DISK_FULL",
  "STEPWELL_STATE_FAILED",
]);
