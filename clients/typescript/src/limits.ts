/**
 * Every bound of the client, with its unit last.
 *
 * Lengths are Unicode code points, as MLflow measures them: a JavaScript `.length`
 * would refuse names that MLflow accepts.
 */

/** Longest metric, param or tag key, in code points. */
export const KEY_CODE_POINTS_MAX = 250;
/** Longest id of a logged model, in characters. */
export const MODEL_ID_CHARACTERS_MAX = 36;
/** Longest param value, in code points. */
export const PARAM_VALUE_CODE_POINTS_MAX = 6_000;
/** Longest tag value and run name, in code points. */
export const TAG_VALUE_CODE_POINTS_MAX = 8_000;
/** Longest experiment name, in code points. */
export const EXPERIMENT_NAME_CODE_POINTS_MAX = 500;

/** How long a logged entry waits for company before it is handed to the sender. */
export const LINGER_MS = 5;
/** Largest batch that the client makes; the daemon's own limit wins when it is lower. */
export const BATCH_BYTES_MAX = 512 * 1024;
/** Smallest limit that a batch is cut to: it holds any single entry. */
export const BATCH_BYTES_MIN = 64 * 1024;
/** Memory that a metric's first point takes beside the point. */
export const COLUMN_BYTES = 1_536;
/**
 * Batches that may wait for an acknowledgement before small ones are held back to grow:
 * an outage would otherwise be stored as thousands of batches of a few points each.
 */
export const SMALL_BATCHES_HELD_MAX = 256;
/** Memory for entries that the daemon has not acknowledged, unless the caller sets it. */
export const BUFFER_BYTES_MAX = 256 * 1024 * 1024;

/** First and longest wait before a reconnect; the wait is drawn at random from 0 to the bound. */
export const RECONNECT_WAIT_MS_MIN = 50;
export const RECONNECT_WAIT_MS_MAX = 2_000;
/** How long the daemon may take to answer Hello; grpc-js itself would wait for ever. */
export const WELCOME_WAIT_MS = 10_000;
/** How long `stepwell daemon start` may take. */
export const DAEMON_START_WAIT_MS = 30_000;
/** First and longest wait between two tries to start a daemon. */
export const DAEMON_START_PAUSE_MS_MIN = 1_000;
export const DAEMON_START_PAUSE_MS_MAX = 30_000;
/** How long the daemon may be out of reach before the client says so. */
export const UNREACHABLE_WARNING_MS = 10_000;
/** The same where starting one fails: the first failure may be another's start that was killed. */
export const START_FAILURE_WARNING_MS = 1_000;

/** A home's id has 32 characters; what is larger is no such file. */
export const HOME_ID_FILE_BYTES_MAX = 1_024;

/** Runs that are told of on stderr, and how much of a run's name is. */
export const RUNS_TOLD = 5;
export const RUN_NAME_CHARACTERS_TOLD = 80;
/** How long a run that ended is on its way before what became of it is told all the same: pauses between looks. */
export const TELL_PAUSES_MS: readonly number[] = [500, 1_000, 2_000];
/** How long a close asks what became of runs. */
export const TELL_WAIT_MS = 500;

/** How long flush() waits, unless the caller says otherwise. */
export const FLUSH_WAIT_MS = 30_000;
/** How long a process that ends waits for the next acknowledgement: as long as they go on arriving, it waits. */
export const EXIT_WAIT_MS = 5_000;
/** How long it waits in all before it leaves notes of how its runs ended. */
export const END_PROMPT_MS = 2_000;
/** How long the daemon may take to end the stream after Close. */
export const CLOSE_WAIT_MS = 2_000;
