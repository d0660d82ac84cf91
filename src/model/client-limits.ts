/**
 * What every client keeps to, whatever its language: MLflow's own limits, and the times and sizes that a user
 * or the daemon meets. `npm run generate` makes clients/contract/limits.json of it, and a module for each
 * client. What only one client's machinery needs, such as a pause between two looks, stands in that client.
 */
import * as limits from "./limits.js";

/** A number, or several in turn, and what it bounds. A time in milliseconds has MS in its name. */
export interface ClientLimit {
  readonly value: number | readonly number[];
  readonly meaning: string;
}

const limit = <Value extends ClientLimit["value"]>(value: Value, meaning: string) => ({ value, meaning });

export const CLIENT_LIMITS = {
  PROTOCOL_VERSION: limit(1, "The version of the protocol that a client says in Hello."),
  CLIENT_NAME_CHARACTERS_MAX: limit(64, "Longest name and version of a client in Hello, in characters."),

  KEY_CODE_POINTS_MAX: limit(limits.KEY_CODE_POINTS_MAX, "Longest metric, param or tag key, in code points."),
  MODEL_ID_CHARACTERS_MAX: limit(
    limits.MODEL_ID_CHARACTERS_MAX,
    "Longest id of a logged model, in characters.",
  ),
  PARAM_VALUE_CODE_POINTS_MAX: limit(
    limits.PARAM_VALUE_CODE_POINTS_MAX,
    "Longest value of a param, in code points.",
  ),
  TAG_VALUE_CODE_POINTS_MAX: limit(
    limits.TAG_VALUE_CODE_POINTS_MAX,
    "Longest value of a tag, and longest name of a run, a user or a program, in code points.",
  ),
  EXPERIMENT_NAME_CODE_POINTS_MAX: limit(
    limits.EXPERIMENT_NAME_CODE_POINTS_MAX,
    "Longest name of an experiment, in code points.",
  ),

  BATCH_BYTES_MAX: limit(
    512 * 1024,
    "Largest batch that a client gathers, in bytes, where Welcome allows as much. A single larger entry goes alone.",
  ),
  MESSAGE_BYTES_MIN: limit(
    512 * 1024,
    "Bytes of a message that every daemon takes: Welcome never says less. A record of a spool is cut for it when it is written.",
  ),
  BUFFER_BYTES_MAX: limit(
    256 * 1024 * 1024,
    "Bytes of entries without an acknowledgement, unless STEPWELL_BUFFER_BYTES says otherwise. Beyond it the newest are dropped, counted and told.",
  ),
  DRAIN_RUNS_MAX: limit(
    10_000,
    "Runs that one drain names, whose ids are 340 kB. A client that logged to more since it began waits for all runs of the home.",
  ),
  ENDPOINT_FILE_BYTES_MAX: limit(65_536, "What is read of the home's endpoint file, in bytes."),
  HOME_ID_FILE_BYTES_MAX: limit(1_024, "What is read of the file with the home's id, in bytes."),

  WELCOME_WAIT_MS: limit(10_000, "How long the daemon may take to answer Hello."),
  RECONNECT_WAIT_MS_MIN: limit(
    50,
    "Bound of the first wait before a reconnect; the wait is drawn at random from 0 to the bound, which doubles.",
  ),
  RECONNECT_WAIT_MS_MAX: limit(2_000, "The highest such bound."),
  DAEMON_START_WAIT_MS: limit(30_000, "How long `stepwell daemon start` may take."),
  DAEMON_START_PAUSE_MS_MIN: limit(1_000, "First pause between two tries to start a daemon."),
  DAEMON_START_PAUSE_MS_MAX: limit(30_000, "The longest such pause."),
  UNREACHABLE_WARNING_MS: limit(10_000, "How long the daemon may be out of reach before a client says so."),
  START_FAILURE_WARNING_MS: limit(
    1_000,
    "The same where starting one fails: the first failure may be another's start that was killed.",
  ),

  FLUSH_WAIT_MS: limit(60_000, "How long a flush waits unless its caller says otherwise."),
  EXIT_WAIT_MS: limit(
    10_000,
    "How long a process that ends waits for the next acknowledgement, unless STEPWELL_EXIT_TIMEOUT says otherwise, in seconds.",
  ),
  CLOSE_WAIT_MS: limit(2_000, "How long the daemon may take to end the stream after Close."),

  RUNS_TOLD: limit(5, "Runs of a process that are told of on stderr."),
  RUN_NAME_CHARACTERS_TOLD: limit(80, "How much of a run's name is told."),
  TELL_PAUSES_MS: limit(
    [500, 1_000, 2_000],
    "Pauses between looks at a run that ended, before what became of it is told all the same.",
  ),
  TELL_WAIT_MS: limit(500, "How long the end of a process asks what became of its runs."),
} as const satisfies Record<string, ClientLimit>;
