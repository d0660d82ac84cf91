// Made from src/ by npm run generate.
package io.stepwell;

import java.util.Set;

/** What all clients have in common. */
final class Contract {
    /** The version of the protocol that a client says in Hello. */
    static final int PROTOCOL_VERSION = 1;

    /** Longest name and version of a client in Hello, in characters. */
    static final int CLIENT_NAME_CHARACTERS_MAX = 64;

    /** Longest metric, param or tag key, in code points. */
    static final int KEY_CODE_POINTS_MAX = 250;

    /** Longest id of a logged model, in characters. */
    static final int MODEL_ID_CHARACTERS_MAX = 36;

    /** Longest value of a param, in code points. */
    static final int PARAM_VALUE_CODE_POINTS_MAX = 6000;

    /** Longest value of a tag, and longest name of a run, a user or a program, in code points. */
    static final int TAG_VALUE_CODE_POINTS_MAX = 8000;

    /** Longest name of an experiment, in code points. */
    static final int EXPERIMENT_NAME_CODE_POINTS_MAX = 500;

    /** Largest batch that a client gathers, in bytes, where Welcome allows as much. A single larger entry goes alone. */
    static final int BATCH_BYTES_MAX = 524288;

    /** Bytes of a message that every daemon takes: Welcome never says less. A record of a spool is cut for it when it is written. */
    static final int MESSAGE_BYTES_MIN = 524288;

    /** Bytes of entries without an acknowledgement, unless STEPWELL_BUFFER_BYTES says otherwise. Beyond it the newest are dropped, counted and told. */
    static final int BUFFER_BYTES_MAX = 268435456;

    /** Runs that one drain names, whose ids are 340 kB. A client that logged to more since it began waits for all runs of the home. */
    static final int DRAIN_RUNS_MAX = 10000;

    /** What is read of the home's endpoint file, in bytes. */
    static final int ENDPOINT_FILE_BYTES_MAX = 65536;

    /** What is read of the file with the home's id, in bytes. */
    static final int HOME_ID_FILE_BYTES_MAX = 1024;

    /** How long the daemon may take to answer Hello. */
    static final long WELCOME_WAIT_MS = 10000;

    /** Bound of the first wait before a reconnect; the wait is drawn at random from 0 to the bound, which doubles. */
    static final long RECONNECT_WAIT_MS_MIN = 50;

    /** The highest such bound. */
    static final long RECONNECT_WAIT_MS_MAX = 2000;

    /** How long {@code stepwell daemon start} may take. */
    static final long DAEMON_START_WAIT_MS = 30000;

    /** First pause between two tries to start a daemon. */
    static final long DAEMON_START_PAUSE_MS_MIN = 1000;

    /** The longest such pause. */
    static final long DAEMON_START_PAUSE_MS_MAX = 30000;

    /** How long the daemon may be out of reach before a client says so. */
    static final long UNREACHABLE_WARNING_MS = 10000;

    /** The same where starting one fails: the first failure may be another's start that was killed. */
    static final long START_FAILURE_WARNING_MS = 1000;

    /** How long a flush waits unless its caller says otherwise. */
    static final long FLUSH_WAIT_MS = 60000;

    /** How long a process that ends waits for the next acknowledgement, unless STEPWELL_EXIT_TIMEOUT says otherwise, in seconds. */
    static final long EXIT_WAIT_MS = 10000;

    /** How long the daemon may take to end the stream after Close. */
    static final long CLOSE_WAIT_MS = 2000;

    /** Runs of a process that are told of on stderr. */
    static final int RUNS_TOLD = 5;

    /** How much of a run's name is told. */
    static final int RUN_NAME_CHARACTERS_TOLD = 80;

    /** Pauses between looks at a run that ended, before what became of it is told all the same. */
    static final long[] TELL_PAUSES_MS = {500, 1000, 2000};

    /** How long the end of a process asks what became of its runs. */
    static final long TELL_WAIT_MS = 500;

    /** A stream that ended with one of these is not opened again: what is left is dropped and told. */
    static final Set<String> FINAL_CODES = Set.of(
            "STEPWELL_PRODUCER_FENCED",
            "STEPWELL_VERSION_MISMATCH",
            "STEPWELL_HANDSHAKE_INVALID",
            "STEPWELL_BATCH_MALFORMED",
            "STEPWELL_MESSAGE_TOO_LARGE");

    /** The home or its socket may be another's: it is told at once, and nothing is sent until it is mended. */
    static final Set<String> UNSAFE_CODES = Set.of(
            "STEPWELL_HOME_OPEN",
            "STEPWELL_ENDPOINT_FOREIGN");

    /** They say nothing of the request: a call that was answered so is made again until its time is over. */
    static final Set<String> PASSING_CODES = Set.of(
            "STEPWELL_DAEMON_UNREACHABLE",
            "STEPWELL_DAEMON_STOPPING",
            "STEPWELL_JOURNAL_FAILED",
            "STEPWELL_JOURNAL_FULL",
            "STEPWELL_DISK_FULL",
            "STEPWELL_STATE_FAILED");

    private Contract() {}

    /** What to do about a code that a client gives by itself; of others it is empty. */
    static String remedyOf(String code) {
        switch (code) {
            case "STEPWELL_KEY_INVALID":
                return "Use at most 250 letters, digits, _ - . : / or spaces, as in val/loss.";
            case "STEPWELL_MODEL_ID_INVALID":
                return "Use the model_id that MLflow gave the logged model, as in m-0123abcd: at most 36 letters, digits, _ . or -.";
            case "STEPWELL_VALUE_TOO_LONG":
                return "Shorten the value: params hold 6,000 characters, tags 8,000. Log longer texts as artifacts.";
            case "STEPWELL_TEXT_MALFORMED":
                return "Give valid Unicode: UTF-8 without errors, no lone surrogates.";
            case "STEPWELL_VALUE_INVALID":
                return "Give a metric's value as a number, a param's and a tag's as text. Numeric text is no number.";
            case "STEPWELL_TIMESTAMP_INVALID":
                return "Give the timestamp in whole milliseconds since 1970, not negative.";
            case "STEPWELL_COLUMN_UNEVEN":
                return "Give as many steps and timestamps as values.";
            case "STEPWELL_PARAM_CHANGED":
                return "A param can't change within a run: log it under another key, or as a tag or a metric.";
            case "STEPWELL_STATUS_INVALID":
                return "End a run as FINISHED, FAILED or KILLED.";
            case "STEPWELL_RUN_ID_INVALID":
                return "Use a run id of 32 lower-case hexadecimal digits.";
            case "STEPWELL_RUN_MISSING":
                return "Start a run first (stepwell run --help, or a client's call), or name one by its id (in a shell: --run ID).";
            case "STEPWELL_EXPERIMENT_INVALID":
                return "Use an experiment name of 1 to 500 characters.";
            case "STEPWELL_SETTING_INVALID":
                return "Correct the setting that the message names.";
            case "STEPWELL_ENTRY_TOO_LARGE":
                return "Shorten or split the entry: no single one may exceed the message limit.";
            case "STEPWELL_DAEMON_UNREACHABLE":
                return "Start it: stepwell daemon start. Its log: stepwell daemon logs.";
            case "STEPWELL_HANDSHAKE_INVALID":
                return "Send Hello first, with a producer id of 16 bytes and an epoch above 0. Of clients that are not yours: stepwell daemon restart.";
            case "STEPWELL_ARTIFACT_INVALID":
                return "Give what is there and can be stored, such as a file, and a relative path without .. in it.";
            case "STEPWELL_ARTIFACT_REFUSED":
                return "See what the server said. How its tracker is: stepwell experiment-tracker test NAME.";
            case "STEPWELL_ARTIFACTS_ELSEWHERE":
                return "Log it with MLflow's own client and this environment's credentials, or let the server keep artifacts itself: mlflow server --serve-artifacts.";
            case "STEPWELL_HOME_UNUSABLE":
                return "Set STEPWELL_HOME to a folder of your own on a local disk.";
            case "STEPWELL_HOME_OPEN":
                return "Close it to others (chmod 700 HOME) after a look at what they may have changed, or set STEPWELL_HOME to a folder of your own.";
            case "STEPWELL_ENDPOINT_FOREIGN":
                return "Nothing was sent. Remove endpoint.json from the home, then: stepwell daemon start. Or unset STEPWELL_ENDPOINT.";
            case "STEPWELL_INTERNAL":
                return "This is a bug in Stepwell. The daemon's log may tell more: stepwell daemon logs.";
            case "STEPWELL_STEP_INVALID":
                return "Give the step as a whole number from -2^63 to 2^63-1.";
            case "STEPWELL_RUN_ACTIVE":
                return "End the active run first, or start this one as nested, or as not active.";
            case "STEPWELL_RUN_ENDED":
                return "Log before the run ends, or start it again by its id.";
            case "STEPWELL_SPOOL_UNAVAILABLE":
                return "Let this user write to the home, and its disk have room: what was not sent dies with this process.";
            case "STEPWELL_BUFFER_FULL":
                return "Log less often, or let the daemon answer again: stepwell status.";
            case "STEPWELL_FLUSH_TIMEOUT":
                return "Wait longer, or see what holds the daemon: stepwell status.";
            case "STEPWELL_HOME_CHANGED":
                return "Log again what its runs lack; stepwell runs show ID says what one has.";
            case "STEPWELL_CLIENT_CLOSED":
                return "Log before the client is closed, or make a new one.";
            case "STEPWELL_PROCESS_ENDED":
                return "Log before the process ends.";
            case "STEPWELL_PLATFORM_UNSUPPORTED":
                return "Use a little-endian machine: the wire format is the memory's.";
            default:
                return "";
        }
    }
}
