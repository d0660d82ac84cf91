/** The only reader of the daemon's environment and arguments. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { StepwellError } from "../errors/stepwell-error.js";
import { CURVES_QUOTA_BYTES } from "../model/curve-limits.js";
import {
  JOURNAL_QUOTA_BYTES,
  JOURNAL_QUOTA_BYTES_MIN,
  MLFLOW_IDLE_MS,
  REPLAY_WINDOW_BYTES,
  REPLAY_WINDOW_MS,
  SPOOL_BYTES_MAX,
} from "../model/limits.js";
import { type Environment, type HomePaths, homeOf } from "./endpoint.js";
import { type MetricsConfig, metricsOf } from "./metrics-config.js";
import { NOTIFY_EVENTS } from "./notify-command.js";
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
  /** Bytes that files of curves may have: STEPWELL_CURVES_BYTES; with 0 there are no curves. */
  readonly curvesQuotaBytes: number;
  /** Bytes of artifacts that may wait for their servers: STEPWELL_ARTIFACT_SPOOL_BYTES; with 0 none does. */
  readonly artifactSpoolBytes: number;
  /** Databricks' file of profiles: DATABRICKS_CONFIG_FILE, or ~/.databrickscfg. */
  readonly databricksConfigFile: string;
  /** The environment of an MLflow server that the daemon runs for a local tracker. */
  readonly mlflowEnvironment: Environment;
  /** How long such a server stays when nobody needs it: STEPWELL_MLFLOW_IDLE_SECONDS. */
  readonly mlflowIdleMs: number;
  /**
   * Where its metrics are shown: STEPWELL_METRICS_LISTEN, STEPWELL_METRICS_TOKEN_FILE and STEPWELL_METRICS_PUSH;
   * undefined: nowhere.
   */
  readonly metrics: MetricsConfig | undefined;
  readonly notify: NotifyConfig | undefined;
}

/** A user's command that is told what happens. */
export interface NotifyConfig {
  /** A line for a shell: STEPWELL_NOTIFY. */
  readonly command: string;
  /** The events that it is told, by their names: STEPWELL_NOTIFY_EVENTS, or all. */
  readonly events: ReadonlySet<string>;
  readonly environment: Environment;
}

const TEXT = { type: "string" } as const;
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
    curvesQuotaBytes: wholeNumberOf("STEPWELL_CURVES_BYTES", CURVES_QUOTA_BYTES),
    artifactSpoolBytes: wholeNumberOf("STEPWELL_ARTIFACT_SPOOL_BYTES", SPOOL_BYTES_MAX),
    databricksConfigFile: process.env["DATABRICKS_CONFIG_FILE"] || join(folder, ".databrickscfg"),
    mlflowEnvironment: environmentWithFolder(withoutTelemetry(process.env), paths.home),
    mlflowIdleMs: 1_000 * wholeNumberOf("STEPWELL_MLFLOW_IDLE_SECONDS", MLFLOW_IDLE_MS / 1_000),
    notify: readNotify(),
    metrics: metricsOf(
      {
        listen: process.env["STEPWELL_METRICS_LISTEN"],
        tokenFile: process.env["STEPWELL_METRICS_TOKEN_FILE"],
        push: process.env["STEPWELL_METRICS_PUSH"] === "1",
        listenName: "STEPWELL_METRICS_LISTEN",
      },
      process.env,
    ),
  };
}

/** What is said of the daemon's own metrics is nothing to what it starts, and may hold a credential. */
function withoutTelemetry(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("OTEL_")));
}

function readNotify(): NotifyConfig | undefined {
  const command = process.env["STEPWELL_NOTIFY"] ?? "";
  if (command.trim() === "") return undefined;
  const asked = (process.env["STEPWELL_NOTIFY_EVENTS"] ?? "").split(",").map((name) => name.trim());
  const names = asked.filter((name) => name !== "");
  const unknown = names.find((name) => !NOTIFY_EVENTS.some((known) => known === name));
  if (unknown !== undefined) {
    const sentence = `STEPWELL_NOTIFY_EVENTS has no event ${unknown}; there are ${NOTIFY_EVENTS.join(", ")}.`;
    throw new StepwellError("STEPWELL_USAGE", sentence);
  }
  return {
    command,
    events: new Set(names.length > 0 ? names : NOTIFY_EVENTS),
    environment: withoutTelemetry(process.env),
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

/** What a relay is started with. */
export interface RelayConfig {
  /** HOST:PORT. */
  readonly listen: string;
  /** Where it writes to: the one or the other. */
  readonly database: string | undefined;
  readonly upstream: string | undefined;
  readonly artifactRoot: string | undefined;
  readonly tokenFile: string | undefined;
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  readonly clientCa: string | undefined;
  /** The file of settings that says who may use it. */
  readonly access: string | undefined;
  /** At about which age a stream is asked to go elsewhere, in ms; undefined: the usual. */
  readonly streamAgeMs: number | undefined;
  readonly databasePasswordFile: string | undefined;
  /** As libpq has them: PGPASSWORD, PGPASSFILE or ~/.pgpass, PGUSER or the user's own name. */
  readonly pgPassword: string | undefined;
  readonly pgPassFile: string;
  readonly pgUser: string;
  /** As MLflow's clients have them: MLFLOW_TRACKING_USERNAME, _PASSWORD and _TOKEN, and _SERVER_CERT_PATH. */
  readonly upstreamSettings: Readonly<Record<string, string>>;
  /** Where its metrics are shown; undefined: nowhere. */
  readonly metrics: MetricsConfig | undefined;
}

const RELAY_OPTIONS = {
  ...{ listen: TEXT, database: TEXT, upstream: TEXT, "artifact-root": TEXT, "token-file": TEXT },
  ...{ "tls-cert": TEXT, "tls-key": TEXT, "client-ca": TEXT, "stream-age": TEXT },
  access: TEXT,
  "database-password-file": TEXT,
  ...{ "metrics-listen": TEXT, "metrics-token-file": TEXT, "metrics-push": TEXT },
} as const;

/** Of a command line that the command has read before. */
export function readRelayConfig(args: readonly string[]): RelayConfig {
  const { values } = parseArgs({ args: [...args], options: RELAY_OPTIONS });
  const { listen = "", database, upstream, "stream-age": streamAge } = values;
  return {
    ...{ listen, database, upstream },
    artifactRoot: values["artifact-root"],
    tokenFile: values["token-file"],
    tlsCert: values["tls-cert"],
    tlsKey: values["tls-key"],
    clientCa: values["client-ca"],
    access: values.access,
    streamAgeMs: streamAge === undefined ? undefined : 1_000 * Number(streamAge),
    databasePasswordFile: values["database-password-file"],
    metrics: metricsOf(
      {
        listen: values["metrics-listen"],
        tokenFile: values["metrics-token-file"],
        push: values["metrics-push"] === "true",
        listenName: "--metrics-listen",
      },
      process.env,
    ),
    pgPassword: process.env["PGPASSWORD"],
    pgPassFile: process.env["PGPASSFILE"] || join(process.env["HOME"] || userFolder() || "/", ".pgpass"),
    pgUser: process.env["PGUSER"] || process.env["USER"] || "postgres",
    upstreamSettings: settingsOf({
      tracking_username: process.env["MLFLOW_TRACKING_USERNAME"],
      tracking_password: process.env["MLFLOW_TRACKING_PASSWORD"],
      tracking_token: process.env["MLFLOW_TRACKING_TOKEN"],
      tracking_server_cert_path: process.env["MLFLOW_TRACKING_SERVER_CERT_PATH"],
    }),
  };
}

function settingsOf(given: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const filled = Object.entries(given).filter((pair): pair is [string, string] => Boolean(pair[1]));
  return Object.fromEntries(filled);
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
