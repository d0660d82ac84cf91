// Code generated from src/ by npm run generate. DO NOT EDIT.

// Package contract has what all clients have in common.
package contract

import "time"

// ProtocolVersion: The version of the protocol that a client says in Hello.
const ProtocolVersion = 1

// ClientNameCharactersMax: Longest name and version of a client in Hello, in characters.
const ClientNameCharactersMax = 64

// KeyCodePointsMax: Longest metric, param or tag key, in code points.
const KeyCodePointsMax = 250

// ModelIDCharactersMax: Longest id of a logged model, in characters.
const ModelIDCharactersMax = 36

// ParamValueCodePointsMax: Longest value of a param, in code points.
const ParamValueCodePointsMax = 6000

// TagValueCodePointsMax: Longest value of a tag, and longest name of a run, a user or a program, in code points.
const TagValueCodePointsMax = 8000

// ExperimentNameCodePointsMax: Longest name of an experiment, in code points.
const ExperimentNameCodePointsMax = 500

// BatchBytesMax: Largest batch that a client gathers, in bytes, where Welcome allows as much. A single larger entry goes alone.
const BatchBytesMax = 524288

// MessageBytesMin: Bytes of a message that every daemon takes: Welcome never says less. A record of a spool is cut for it when it is written.
const MessageBytesMin = 524288

// BufferBytesMax: Bytes of entries without an acknowledgement, unless STEPWELL_BUFFER_BYTES says otherwise. Beyond it the newest are dropped, counted and told.
const BufferBytesMax = 268435456

// DrainRunsMax: Runs that one drain names, whose ids are 340 kB. A client that logged to more since it began waits for all runs of the home.
const DrainRunsMax = 10000

// EndpointFileBytesMax: What is read of the home's endpoint file, in bytes.
const EndpointFileBytesMax = 65536

// HomeIDFileBytesMax: What is read of the file with the home's id, in bytes.
const HomeIDFileBytesMax = 1024

// WelcomeWait: How long the daemon may take to answer Hello.
const WelcomeWait = 10000 * time.Millisecond

// ReconnectWaitMin: Bound of the first wait before a reconnect; the wait is drawn at random from 0 to the bound, which doubles.
const ReconnectWaitMin = 50 * time.Millisecond

// ReconnectWaitMax: The highest such bound.
const ReconnectWaitMax = 2000 * time.Millisecond

// DaemonStartWait: How long `stepwell daemon start` may take.
const DaemonStartWait = 30000 * time.Millisecond

// DaemonStartPauseMin: First pause between two tries to start a daemon.
const DaemonStartPauseMin = 1000 * time.Millisecond

// DaemonStartPauseMax: The longest such pause.
const DaemonStartPauseMax = 30000 * time.Millisecond

// UnreachableWarning: How long the daemon may be out of reach before a client says so.
const UnreachableWarning = 10000 * time.Millisecond

// StartFailureWarning: The same where starting one fails: the first failure may be another's start that was killed.
const StartFailureWarning = 1000 * time.Millisecond

// FlushWait: How long a flush waits unless its caller says otherwise.
const FlushWait = 60000 * time.Millisecond

// ExitWait: How long a process that ends waits for the next acknowledgement, unless STEPWELL_EXIT_TIMEOUT says otherwise, in seconds.
const ExitWait = 10000 * time.Millisecond

// CloseWait: How long the daemon may take to end the stream after Close.
const CloseWait = 2000 * time.Millisecond

// RunsTold: Runs of a process that are told of on stderr.
const RunsTold = 5

// RunNameCharactersTold: How much of a run's name is told.
const RunNameCharactersTold = 80

// TellPauses: Pauses between looks at a run that ended, before what became of it is told all the same.
var TellPauses = []time.Duration{500 * time.Millisecond, 1000 * time.Millisecond, 2000 * time.Millisecond}

// TellWait: How long the end of a process asks what became of its runs.
const TellWait = 500 * time.Millisecond

// Remedy says what to do about a code that a client gives by itself; of others it is empty.
func Remedy(code string) string {
	switch code {
	case "STEPWELL_KEY_INVALID":
		return "Use at most 250 letters, digits, _ - . : / or spaces, as in val/loss."
	case "STEPWELL_MODEL_ID_INVALID":
		return "Use the model_id that MLflow gave the logged model, as in m-0123abcd: at most 36 letters, digits, _ . or -."
	case "STEPWELL_VALUE_TOO_LONG":
		return "Shorten the value: params hold 6,000 characters, tags 8,000. Log longer texts as artifacts."
	case "STEPWELL_TEXT_MALFORMED":
		return "Give valid Unicode: UTF-8 without errors, no lone surrogates."
	case "STEPWELL_VALUE_INVALID":
		return "Give a metric's value as a number, a param's and a tag's as text. Numeric text is no number."
	case "STEPWELL_TIMESTAMP_INVALID":
		return "Give the timestamp in whole milliseconds since 1970, not negative."
	case "STEPWELL_COLUMN_UNEVEN":
		return "Give as many steps and timestamps as values."
	case "STEPWELL_PARAM_CHANGED":
		return "A param can't change within a run: log it under another key, or as a tag or a metric."
	case "STEPWELL_STATUS_INVALID":
		return "End a run as FINISHED, FAILED or KILLED."
	case "STEPWELL_RUN_ID_INVALID":
		return "Use a run id of 32 lower-case hexadecimal digits."
	case "STEPWELL_RUN_MISSING":
		return "Start a run first (stepwell run --help, or a client's call), or name one by its id (in a shell: --run ID)."
	case "STEPWELL_EXPERIMENT_INVALID":
		return "Use an experiment name of 1 to 500 characters."
	case "STEPWELL_SETTING_INVALID":
		return "Correct the setting that the message names."
	case "STEPWELL_ENTRY_TOO_LARGE":
		return "Shorten or split the entry: no single one may exceed the message limit."
	case "STEPWELL_DAEMON_UNREACHABLE":
		return "Start it: stepwell daemon start. Its log: stepwell daemon logs."
	case "STEPWELL_HANDSHAKE_INVALID":
		return "Send Hello first, with a producer id of 16 bytes and an epoch above 0. Of clients that are not yours: stepwell daemon restart."
	case "STEPWELL_ARTIFACT_INVALID":
		return "Give what is there and can be stored, such as a file, and a relative path without .. in it."
	case "STEPWELL_ARTIFACT_REFUSED":
		return "See what the server said. How its tracker is: stepwell experiment-tracker test NAME."
	case "STEPWELL_ARTIFACTS_ELSEWHERE":
		return "Log it with MLflow's own client and this environment's credentials, or let the server keep artifacts itself: mlflow server --serve-artifacts."
	case "STEPWELL_HOME_UNUSABLE":
		return "Set STEPWELL_HOME to a folder of your own on a local disk."
	case "STEPWELL_HOME_OPEN":
		return "Close it to others (chmod 700 HOME) after a look at what they may have changed, or set STEPWELL_HOME to a folder of your own."
	case "STEPWELL_ENDPOINT_FOREIGN":
		return "Nothing was sent. Remove endpoint.json from the home, then: stepwell daemon start. Or unset STEPWELL_ENDPOINT."
	case "STEPWELL_INTERNAL":
		return "This is a bug in Stepwell. The daemon's log may tell more: stepwell daemon logs."
	case "STEPWELL_STEP_INVALID":
		return "Give the step as a whole number from -2^63 to 2^63-1."
	case "STEPWELL_RUN_ACTIVE":
		return "End the active run first, or start this one as nested, or as not active."
	case "STEPWELL_RUN_ENDED":
		return "Log before the run ends, or start it again by its id."
	case "STEPWELL_SPOOL_UNAVAILABLE":
		return "Let this user write to the home, and its disk have room: what was not sent dies with this process."
	case "STEPWELL_BUFFER_FULL":
		return "Log less often, or let the daemon answer again: stepwell status."
	case "STEPWELL_FLUSH_TIMEOUT":
		return "Wait longer, or see what holds the daemon: stepwell status."
	case "STEPWELL_HOME_CHANGED":
		return "Log again what its runs lack; stepwell runs show ID says what one has."
	case "STEPWELL_CLIENT_CLOSED":
		return "Log before the client is closed, or make a new one."
	case "STEPWELL_PROCESS_ENDED":
		return "Log before the process ends."
	case "STEPWELL_PLATFORM_UNSUPPORTED":
		return "Use a little-endian machine: the wire format is the memory's."
	}
	return ""
}

// IsFinalCode: A stream that ended with one of these is not opened again: what is left is dropped and told.
func IsFinalCode(code string) bool {
	switch code {
	case "STEPWELL_PRODUCER_FENCED", "STEPWELL_VERSION_MISMATCH", "STEPWELL_HANDSHAKE_INVALID", "STEPWELL_BATCH_MALFORMED", "STEPWELL_MESSAGE_TOO_LARGE":
		return true
	}
	return false
}

// IsUnsafeCode: The home or its socket may be another's: it is told at once, and nothing is sent until it is mended.
func IsUnsafeCode(code string) bool {
	switch code {
	case "STEPWELL_HOME_OPEN", "STEPWELL_ENDPOINT_FOREIGN":
		return true
	}
	return false
}

// IsPassingCode: They say nothing of the request: a call that was answered so is made again until its time is over.
func IsPassingCode(code string) bool {
	switch code {
	case "STEPWELL_DAEMON_UNREACHABLE", "STEPWELL_DAEMON_STOPPING", "STEPWELL_JOURNAL_FAILED", "STEPWELL_JOURNAL_FULL", "STEPWELL_DISK_FULL", "STEPWELL_STATE_FAILED":
		return true
	}
	return false
}
