/** The only reader of the daemon's environment and arguments. */
import { join } from "node:path";
import { StepwellError } from "../errors/stepwell-error.js";
import {
  JOURNAL_QUOTA_BYTES,
  JOURNAL_QUOTA_BYTES_MIN,
  MLFLOW_IDLE_MS,
  REPLAY_WINDOW_BYTES,
  REPLAY_WINDOW_MS,
  SPOOL_BYTES_MAX,
} from "../model/limits.js";
import { type Environment, type HomePaths, homeOf } from "./endpoint.js";
import { environmentWithFolder, userFolder } from "./user.js";

export interface DaemonConfig {
  readonly paths: HomePaths;
  /** Whether a home on a network file system is taken. */
  readonly allowNetworkFileSystem: boolean;
  /** Whether a home is taken that every user can move away: STEPWELL_ALLOW_OPEN_PARENT=1. */
  readonly allowOpenParent: boolean;
  /** Bytes that the journal may hold: STEPWELL_JOURNAL_QUOTA_BYTES. */
  readonly journalQuotaBytes: number;
  /**
   * How long, and how much of it, delivered records stay in the journal:
   * STEPWELL_REPLAY_WINDOW_SECONDS and STEPWELL_REPLAY_WINDOW_BYTES; with either 0 none does.
   */
  readonly replayWindow: { readonly ms: number; readonly bytes: number };
  /** Bytes of artifacts that may wait for their servers: STEPWELL_ARTIFACT_SPOOL_BYTES; with 0 none does. */
  readonly artifactSpoolBytes: number;
  /** Databricks' file of profiles: DATABRICKS_CONFIG_FILE, or ~/.databrickscfg. */
  readonly databricksConfigFile: string;
  /** The environment of an MLflow server that the daemon runs for a local tracker. */
  readonly mlflowEnvironment: Environment;
  /** How long such a server stays when nobody needs it: STEPWELL_MLFLOW_IDLE_SECONDS. */
  readonly mlflowIdleMs: number;
}

const QUOTA = "STEPWELL_JOURNAL_QUOTA_BYTES";
const ALLOW_NETWORK = "--allow-network-fs";

/** Throws STEPWELL_USAGE for an unknown argument and for a quota that is no number of bytes. */
export function readConfig(): DaemonConfig {
  const flags = process.argv.slice(2);
  const unknown = flags.find((flag) => flag !== ALLOW_NETWORK);
  if (unknown !== undefined)
    throw new StepwellError("STEPWELL_USAGE", `The daemon takes no argument ${unknown}.`);
  const paths = homeOf(process.env);
  // A user without a folder has no profiles: then one that is named is missing in the home.
  const folder = process.env["HOME"] || userFolder() || paths.home;
  return {
    paths,
    allowNetworkFileSystem: flags.includes(ALLOW_NETWORK),
    allowOpenParent: process.env["STEPWELL_ALLOW_OPEN_PARENT"] === "1",
    journalQuotaBytes: quotaOf(process.env[QUOTA]),
    replayWindow: {
      ms: 1_000 * wholeNumberOf("STEPWELL_REPLAY_WINDOW_SECONDS", REPLAY_WINDOW_MS / 1_000),
      bytes: wholeNumberOf("STEPWELL_REPLAY_WINDOW_BYTES", REPLAY_WINDOW_BYTES),
    },
    artifactSpoolBytes: wholeNumberOf("STEPWELL_ARTIFACT_SPOOL_BYTES", SPOOL_BYTES_MAX),
    databricksConfigFile: process.env["DATABRICKS_CONFIG_FILE"] || join(folder, ".databrickscfg"),
    mlflowEnvironment: environmentWithFolder(process.env, paths.home),
    mlflowIdleMs: 1_000 * wholeNumberOf("STEPWELL_MLFLOW_IDLE_SECONDS", MLFLOW_IDLE_MS / 1_000),
  };
}

/** What the doctor's process is asked to do. */
export interface DoctorConfig {
  readonly task: "examine" | "salvage";
  /** How long it may look, in ms; a salvage takes as long as it takes. */
  readonly timeMs: number;
  readonly paths: HomePaths;
  readonly journalQuotaBytes: number;
}

/** Throws STEPWELL_USAGE for an unknown task. */
export function readDoctorConfig(): DoctorConfig {
  const [task = "", time = "0"] = process.argv.slice(2);
  if (task !== "examine" && task !== "salvage")
    throw new StepwellError("STEPWELL_USAGE", `The doctor has no task ${JSON.stringify(task)}.`);
  return {
    task,
    timeMs: Number(time),
    paths: homeOf(process.env),
    journalQuotaBytes: quotaOf(process.env[QUOTA]),
  };
}

function wholeNumberOf(name: string, usual: number): number {
  const text = process.env[name];
  if (text === undefined || text === "") return usual;
  if (Number.isSafeInteger(Number(text)) && Number(text) >= 0) return Number(text);
  throw new StepwellError("STEPWELL_USAGE", `${name} has to be a whole number, 0 or more.`);
}

function quotaOf(text: string | undefined): number {
  if (text === undefined || text === "") return JOURNAL_QUOTA_BYTES;
  const bytes = Number(text);
  if (Number.isSafeInteger(bytes) && bytes >= JOURNAL_QUOTA_BYTES_MIN) return bytes;
  throw new StepwellError(
    "STEPWELL_USAGE",
    `${QUOTA} has to be a number of bytes from ${JOURNAL_QUOTA_BYTES_MIN} on.`,
  );
}
