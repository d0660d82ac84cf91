/**
 * Every error that the daemon and the command can tell, once: its gRPC status, whether trying
 * again can help, the exit code of a command that meets it, and what to do about it. What only a
 * client can tell, as of a value that it can't encode, stands in client-table.ts.
 *
 * The codes are an interface and never change their meaning; the sentences are not.
 */

import { type ErrorRow, exhausted, missing, notAuthorised, passing, refused, wrongState } from "./row.js";

export const ERRORS = {
  STEPWELL_KEY_INVALID: refused("Use at most 250 letters, digits, _ - . : / or spaces, as in val/loss."),
  STEPWELL_MODEL_ID_INVALID: refused(
    "Use the model_id that MLflow gave the logged model, as in m-0123abcd: at most 36 letters, digits, _ . or -.",
  ),
  STEPWELL_WORKSPACE_INVALID: refused(
    "Use the workspace's name as its server has it: at most 255 letters, digits, _ . or -.",
  ),
  STEPWELL_VALUE_TOO_LONG: refused(
    "Shorten the value: params hold 6,000 characters, tags 8,000. Log longer texts as artifacts.",
  ),
  STEPWELL_TEXT_MALFORMED: refused("Give valid Unicode: UTF-8 without errors, no lone surrogates."),
  STEPWELL_VALUE_INVALID: refused(
    "Give a metric's value as a number, a param's and a tag's as text. Numeric text is no number.",
  ),
  STEPWELL_TIMESTAMP_INVALID: refused("Give the timestamp in whole milliseconds since 1970, not negative."),
  STEPWELL_COLUMN_UNEVEN: refused("Give as many steps and timestamps as values."),
  STEPWELL_PARAM_CHANGED: refused(
    "A param can't change within a run: log it under another key, or as a tag or a metric.",
  ),
  STEPWELL_STATUS_INVALID: refused("End a run as FINISHED, FAILED or KILLED."),
  STEPWELL_RUN_ID_INVALID: refused("Use a run id of 32 lower-case hexadecimal digits."),
  STEPWELL_EXPERIMENT_INVALID: refused("Use an experiment name of 1 to 500 characters."),
  STEPWELL_TRACKER_UNKNOWN: wrongState(
    "Register it: stepwell experiment-tracker register NAME --flavor=mlflow, then stepwell stack register NAME -e TRACKER --set.",
  ),
  STEPWELL_SETTING_INVALID: refused("Correct the setting that the message names."),
  STEPWELL_STEP_UNKNOWN: missing("Begin the step first: StartStep makes it known."),
  STEPWELL_PIPELINE_UNKNOWN: missing("Give the name of a pipeline that has run in this home."),
  STEPWELL_PRODUCER_FENCED: wrongState("Another stream of the same producer took over; this one is to end."),
  STEPWELL_VERSION_MISMATCH: {
    grpc: "FAILED_PRECONDITION",
    retry: "never",
    exit: "versionMismatch",
    remedy: "Use the same version of the client and the daemon: stepwell daemon restart.",
  },
  STEPWELL_HANDSHAKE_INVALID: refused(
    "Send Hello first, with a producer id of 16 bytes and an epoch above 0. Of clients that are not yours: stepwell daemon restart.",
  ),
  STEPWELL_BATCH_MALFORMED: refused("Send a Batch as proto/stepwell/v1/ingest.proto describes it."),
  STEPWELL_MESSAGE_TOO_LARGE: {
    grpc: "RESOURCE_EXHAUSTED",
    retry: "never",
    exit: "failed",
    remedy: "Split batches to Welcome.message_bytes_max.",
  },
  STEPWELL_MESSAGE_STALLED: passing("Connect again and send the message again, whole."),
  STEPWELL_STREAMS_FULL: passing(
    "Connect again later. Say Hello as soon as a stream is open, and close streams that are not needed.",
  ),
  STEPWELL_ENTRY_TOO_LARGE: refused(
    "Shorten or split the entry: no single one may exceed the message limit.",
  ),
  STEPWELL_DAEMON_STOPPING: passing("Connect again; nothing acknowledged is lost."),
  STEPWELL_RELAY_STOPPING: passing("Connect again: another relay, or this one's successor, goes on."),
  STEPWELL_JOURNAL_FAILED: passing(
    "See the daemon's log: stepwell daemon logs. Check the disk, then: stepwell daemon restart.",
  ),
  STEPWELL_JOURNAL_FULL: exhausted(
    "See what holds it: stepwell status. It goes on by itself as lanes drain; or free disk space.",
  ),
  STEPWELL_SPOOL_FULL: exhausted(
    "Artifacts that wait go by themselves once their server answers; or free disk space.",
  ),
  STEPWELL_ARTIFACT_INVALID: refused(
    "Give what is there and can be stored, such as a file, and a relative path without .. in it.",
  ),
  STEPWELL_ARTIFACT_REFUSED: wrongState(
    "See what the server said. How its tracker is: stepwell experiment-tracker test NAME.",
  ),
  STEPWELL_ARTIFACTS_ELSEWHERE: wrongState(
    "Log it with MLflow's own client and this environment's credentials, or let the server keep artifacts itself: mlflow server --serve-artifacts.",
  ),
  STEPWELL_RECORD_DAMAGED: wrongState(
    "The journal lost these entries. What can be read comes back with: stepwell doctor --salvage --stop.",
  ),
  STEPWELL_BUNDLE_DAMAGED: refused(
    "Bring the file here once more, or write it again: stepwell bundle export --again FILE.",
  ),
  STEPWELL_BUNDLE_NEWER: {
    grpc: "FAILED_PRECONDITION",
    retry: "never",
    exit: "versionMismatch",
    remedy: "Import it with the newer Stepwell that wrote it.",
  },
  STEPWELL_BUNDLE_SEALED: refused(
    "Give the file with the age identity that it was encrypted for: --identity FILE.",
  ),
  STEPWELL_BUNDLE_GAP: wrongState(
    "Import the bundles before it first, or one that begins earlier: stepwell bundle export --again FILE.",
  ),
  STEPWELL_BUNDLE_FOREIGN: wrongState(
    "Nothing of these runs was delivered. Export them from the home that the bundles before came from.",
  ),
  STEPWELL_BUNDLE_WAITS: passing(
    "Deliver it where the tracker can be reached: stepwell bundle import --watch FOLDER --to TRACKER.",
  ),
  STEPWELL_BUNDLE_FILE: passing("Look at the path that the message names, and at its volume."),
  STEPWELL_RECEIPT_REFUSED: wrongState(
    "Nothing was changed. Confirm the receipt that import wrote, at the home that the bundle came from.",
  ),
  STEPWELL_BACKEND_FORGOT: wrongState(
    "Bring the tracker's store back as it was, or log again what is missing. All that the journal still had was sent again.",
  ),
  STEPWELL_STORE_NEWER: {
    grpc: "FAILED_PRECONDITION",
    retry: "never",
    exit: "versionMismatch",
    remedy: "Use the newer Stepwell that wrote this home, or another STEPWELL_HOME.",
  },
  STEPWELL_STORE_DAMAGED: wrongState(
    "Bring back what can be read, or see what was: stepwell doctor --salvage --stop. What is damaged is kept beside it.",
  ),
  STEPWELL_ANSWER_UNWRITABLE: exhausted(
    "Send the answer elsewhere, or free disk space where it goes, then type it again.",
  ),
  STEPWELL_DISK_FULL: exhausted("Free disk space on the home's volume, then try again."),
  STEPWELL_STATE_FAILED: passing(
    "See the daemon's log: stepwell daemon logs. Check the disk, then try again.",
  ),
  STEPWELL_HOME_LOCKED: wrongState("Another daemon owns this home: stepwell daemon status."),
  STEPWELL_HOME_GONE: wrongState(
    "Start the daemon where the home is now: STEPWELL_HOME=FOLDER stepwell daemon start.",
  ),
  STEPWELL_HOME_UNUSABLE: {
    grpc: "FAILED_PRECONDITION",
    retry: "never",
    exit: "failed",
    remedy: "Set STEPWELL_HOME to a folder of your own on a local disk.",
  },
  STEPWELL_HOME_OPEN: wrongState(
    "Close it to others (chmod 700 HOME) after a look at what they may have changed, or set STEPWELL_HOME to a folder of your own.",
  ),
  STEPWELL_ENDPOINT_FOREIGN: wrongState(
    "Nothing was sent. Remove endpoint.json from the home, then: stepwell daemon start. Or unset STEPWELL_ENDPOINT.",
  ),
  STEPWELL_HOME_ON_NETWORK: wrongState(
    "Set STEPWELL_HOME to a folder on a local disk, or pass --allow-network-fs to stepwell daemon start.",
  ),
  STEPWELL_NAME_TAKEN: {
    grpc: "ALREADY_EXISTS",
    retry: "never",
    exit: "failed",
    remedy: "Choose another name.",
  },
  STEPWELL_NAME_INVALID: refused(
    "Use 1 to 255 characters that can be seen, without {{, and with no hyphen and no space before them.",
  ),
  STEPWELL_NAME_AMBIGUOUS: refused("Give more digits of the id."),
  STEPWELL_DEFAULT_FIXED: wrongState("Copy it, and change the copy."),
  STEPWELL_COMPONENT_IN_USE: wrongState("Take it out of these stacks first: stepwell stack update --help."),
  STEPWELL_STACK_ACTIVE: wrongState("Make another stack the active one first: stepwell stack set NAME."),
  STEPWELL_COMPONENT_UNKNOWN: missing(
    "List what there is: stepwell experiment-tracker list, artifact-store list or orchestrator list.",
  ),
  STEPWELL_STACK_UNKNOWN: missing("List what there is: stepwell stack list."),
  STEPWELL_STACK_INVALID: wrongState(
    "Change what does not fit: stepwell stack update --help. Give missing secrets: stepwell stack register-secrets.",
  ),
  STEPWELL_STACK_FILE_INVALID: refused("Use a file that stepwell stack export wrote, in YAML or JSON."),
  STEPWELL_RUN_MISSING: {
    grpc: "INVALID_ARGUMENT",
    retry: "never",
    exit: "usage",
    remedy:
      "Start a run first (stepwell run --help, or a client's call), or name one by its id (in a shell: --run ID).",
  },
  STEPWELL_RUN_UNKNOWN: missing("List what there is: stepwell runs list."),
  STEPWELL_FLAVOR_UNKNOWN: refused(
    "Use a flavor that this version has: mlflow for experiment trackers; local, s3, gcs or azure for artifact stores; local for orchestrators.",
  ),
  STEPWELL_CONFIG_INVALID: refused(
    "See the settings: stepwell experiment-tracker register --help, or artifact-store register --help.",
  ),
  STEPWELL_FILTER_INVALID: {
    grpc: "INVALID_ARGUMENT",
    retry: "never",
    exit: "usage",
    remedy:
      "Filter as in --name=contains:prod or --created=gte:2026-01-31, sort as in --sort-by=desc:created.",
  },
  STEPWELL_SECRET_UNKNOWN: missing("List what there is: stepwell secret list."),
  STEPWELL_SECRET_KEY_UNKNOWN: missing(
    "See its keys: stepwell secret get NAME. Add one: stepwell secret update NAME -i.",
  ),
  STEPWELL_SECRET_INVALID: refused(
    "Use letters, digits, _ and - in the names of secrets and keys; split what is larger than 64 KiB.",
  ),
  STEPWELL_SECRET_IN_USE: wrongState(
    "Take the references out first: stepwell secret where-used NAME. Or rename with --rewrite-references, or use --force.",
  ),
  STEPWELL_KEYCHAIN_LOCKED: notAuthorised(
    "Unlock the keychain; lanes go on by themselves then. See: stepwell secret backend get.",
  ),
  STEPWELL_KEYCHAIN_UNREACHABLE: notAuthorised(
    "Start the daemon where the keychain is: stepwell daemon restart, in your own session. See: stepwell secret backend get.",
  ),
  STEPWELL_VAULT_DAMAGED: wrongState(
    "Give the values again: stepwell secret update NAME -i. Their names: stepwell secret list.",
  ),
  STEPWELL_VAULT_LOCKED: notAuthorised(
    "Give its passphrase: stepwell secret unlock. Lanes go on by themselves then.",
  ),
  STEPWELL_PASSPHRASE_WRONG: {
    grpc: "FAILED_PRECONDITION",
    retry: "never",
    exit: "notAuthorised",
    remedy: "Try again: stepwell secret unlock. A passphrase that is forgotten can't be had back.",
  },
  STEPWELL_PASSPHRASE_INVALID: refused("Use one line of 15 to 1,024 characters."),
  STEPWELL_PASSPHRASE_UNTRIED: passing(
    "Free memory, then try again: a passphrase takes 256 MiB and some seconds.",
  ),
  STEPWELL_DATABASE_NOT_UNDERSTOOD: wrongState(
    "Point the tracker at another file, or at an MLflow server that owns this database.",
  ),
  STEPWELL_DATABASE_DAMAGED: wrongState(
    "Put a good copy in its place (what that lacks is sent again), or mend it with sqlite3's .recover. The lane goes on by itself then.",
  ),
  STEPWELL_STORE_GONE: wrongState(
    "Put it back, or a copy of it: the lane goes on by itself. If it is meant to be gone: stepwell experiment-tracker start-anew NAME.",
  ),
  STEPWELL_STORE_THERE: wrongState(
    "Nothing has to be done. A store that is to be left alone needs another tracking_uri: stepwell experiment-tracker update NAME.",
  ),
  STEPWELL_RUN_DELETED: wrongState(
    "Restore the run, or its experiment, with MLflow. What was refused is kept as dead letters.",
  ),
  STEPWELL_DATABASE_LOCKED: passing("Close what holds the database; the lane goes on by itself."),
  STEPWELL_DATABASE_FAILED: passing("Check the disk and the file's permissions; the lane goes on by itself."),
  STEPWELL_DATABASE_READ_ONLY: passing(
    "Nothing is to be done while another server takes over. Else name the host that can be written to: stepwell experiment-tracker update NAME.",
  ),
  STEPWELL_NOT_REPLICATED: passing(
    "Bring the database's standby back, or take it out of synchronous_standby_names. What was sent is sent again, and is there once.",
  ),
  STEPWELL_SERVER_UNREACHABLE: passing(
    "Check the address and the network: stepwell experiment-tracker test NAME. The lane goes on by itself.",
  ),
  STEPWELL_SERVER_BUSY: passing("Nothing is to be done: the lane goes on by itself, more slowly."),
  STEPWELL_SERVER_FAILED: passing("See the server's own log; the lane goes on by itself."),
  STEPWELL_SERVER_NOT_UNDERSTOOD: wrongState(
    "Check that tracking_uri is the address of an MLflow server: stepwell experiment-tracker test NAME.",
  ),
  STEPWELL_TLS_FAILED: wrongState(
    "Set tracking_server_cert_path to the CA's certificate, or tracking_insecure_tls=true: stepwell experiment-tracker update NAME.",
  ),
  STEPWELL_NOT_AUTHENTICATED: notAuthorised(
    "Renew the tracker's credentials: stepwell secret update, or experiment-tracker update.",
  ),
  STEPWELL_NOT_PERMITTED: notAuthorised(
    "Let the server permit it, or use other credentials: stepwell experiment-tracker update NAME.",
  ),
  STEPWELL_EXPERIMENT_DELETED: wrongState(
    "Restore the experiment with MLflow (mlflow experiments restore); the lane goes on by itself.",
  ),
  STEPWELL_EXPERIMENT_UNUSABLE: wrongState(
    "On Databricks an experiment's name is a path that you may write to, as /Users/you@example.com/name; databases of servers hold 256 characters of it.",
  ),
  STEPWELL_MODEL_UNKNOWN: refused(
    "Make the logged model with MLflow 3, where the run is; then: stepwell dead-letter retry. What is refused is only the model's point, not the run's.",
  ),
  STEPWELL_ENTRY_REFUSED: refused("See the reason; what was refused is kept: stepwell dead-letter list."),
  STEPWELL_SERVICE_UNMANAGED: wrongState(
    "Have what supervises programs here run it: stepwell daemon run. Or start it by hand: stepwell daemon start.",
  ),
  STEPWELL_SERVICE_FOREIGN: wrongState("Type it as the user who trains, without sudo."),
  STEPWELL_SERVICE_FAILED: wrongState(
    "See what the service manager says. The same by hand: stepwell daemon install --dry-run.",
  ),
  STEPWELL_DAEMON_UNREACHABLE: {
    grpc: "UNAVAILABLE",
    retry: "later",
    exit: "daemonUnreachable",
    remedy: "Start it: stepwell daemon start. Its log: stepwell daemon logs.",
  },
  STEPWELL_USAGE: { grpc: "INVALID_ARGUMENT", retry: "never", exit: "usage", remedy: "See stepwell --help." },
  STEPWELL_NOT_DRAINED: {
    grpc: "FAILED_PRECONDITION",
    retry: "later",
    exit: "notDrained",
    remedy: "See what holds it: stepwell status. Nothing is lost: it goes on in the daemon.",
  },
  STEPWELL_DEAD_LETTERS: {
    grpc: "FAILED_PRECONDITION",
    retry: "never",
    exit: "deadLetters",
    remedy: "See them: stepwell dead-letter list; then stepwell dead-letter retry, or drop.",
  },
  STEPWELL_DEAD_LETTERS_FULL: exhausted(
    "Make room: stepwell dead-letter retry, or drop. Lanes go on by themselves then.",
  ),
  STEPWELL_DEAD_LETTER_UNKNOWN: missing("List what there is: stepwell dead-letter list."),
  STEPWELL_INTEGRATION_UNKNOWN: missing("List what there is: stepwell integration list."),
  STEPWELL_INTEGRATION_UNSAFE: refused("Install a newer one: stepwell integration install mlflow."),
  STEPWELL_INTEGRATION_MISSING: wrongState("Install it: stepwell integration install mlflow -y."),
  STEPWELL_INTEGRATION_BUSY: passing("Wait until it is done, then try again."),
  STEPWELL_INTEGRATION_FAILED: wrongState("See what was said above, and try again when it is mended."),
  STEPWELL_PYTHON_MISSING: wrongState(
    "Install Python 3.10 or newer with its venv module (on Debian: apt install python3-venv), or name one in STEPWELL_PYTHON.",
  ),
  STEPWELL_STORE_EMPTY: wrongState("Log something, then: stepwell flush."),
  STEPWELL_PORT_TAKEN: wrongState("Give another with --port, or none: a free one is taken."),
  STEPWELL_DEPLOYMENT_UNKNOWN: missing("List what there is: stepwell experiment-tracker deploy status."),
  STEPWELL_DEPLOYMENT_INVALID: refused(
    "See what each provider takes: stepwell experiment-tracker deploy --help.",
  ),
  STEPWELL_DEPLOYMENT_CHANGED: wrongState(
    "Leave out -x and --provider to begin it as it is, take another name, or first: stepwell experiment-tracker deploy destroy NAME.",
  ),
  STEPWELL_DEPLOYMENT_BUSY: passing("Wait until the other command is done, then try again."),
  STEPWELL_DEPLOYMENT_FAILED: wrongState(
    "See its log, mend what it says, and give the same command again; or: stepwell experiment-tracker deploy destroy NAME.",
  ),
  STEPWELL_TOOL_MISSING: wrongState(
    "Install it, so that it is on the PATH, and give the same command again.",
  ),
  STEPWELL_TOOL_FAILED: wrongState("See what it said above, mend that, and give the same command again."),
  STEPWELL_INTERNAL: {
    grpc: "INTERNAL",
    retry: "never",
    exit: "failed",
    remedy: "This is a bug in Stepwell. The daemon's log may tell more: stepwell daemon logs.",
  },
} as const satisfies Record<string, ErrorRow>;

/** A stable error code. */
export type ErrorCode = keyof typeof ERRORS;
