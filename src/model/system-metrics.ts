/**
 * Whether the daemon logs metrics of the system to a run, and how often: as a tracker's setting, an option and a tag say
 * it. The tag carries it from any client to the daemon, beside what else is logged.
 */

/** The tag of a run that asks for system metrics: `10`, `10 on NODE` or `off`. */
export const SYSTEM_METRICS_TAG = "stepwell.system_metrics";
/** Seconds between two points unless something else is said: MLflow's own. */
const SYSTEM_METRICS_SECONDS = 10;
/** The least and the most seconds. */
const SYSTEM_METRICS_SECONDS_MIN = 1;
const SYSTEM_METRICS_SECONDS_MAX = 3_600;
/** Longest name of a node, so that the keys stay within what MLflow takes. */
const NODE_CHARACTERS_MAX = 100;

/** What is asked for of one run. */
export interface SystemWish {
  /** Milliseconds between two points; 0: none are logged. */
  readonly everyMs: number;
  /** The machine's name among those that log to the run; empty: the only one. */
  readonly node: string;
}

const ON = /^(true|yes|on)$/i;
const OFF = /^(false|no|off|0)$/i;

/** Seconds that a setting asks for, 0 where it says off; undefined for what says neither. */
export function systemMetricsSeconds(text: string): number | undefined {
  if (ON.test(text)) return SYSTEM_METRICS_SECONDS;
  if (OFF.test(text)) return 0;
  if (!/^\d+(\.\d+)?$/.test(text)) return undefined;
  const seconds = Number(text);
  return seconds >= SYSTEM_METRICS_SECONDS_MIN && seconds <= SYSTEM_METRICS_SECONDS_MAX ? seconds : undefined;
}

/** What a setting has to be, in words. */
export const SYSTEM_METRICS_FORMS = `on, off or seconds from ${SYSTEM_METRICS_SECONDS_MIN} to ${SYSTEM_METRICS_SECONDS_MAX}`;

/** The tag's value. */
export function systemMetricsTag(seconds: number, node = ""): string {
  if (seconds === 0) return "off";
  return node === "" ? `${seconds}` : `${seconds} on ${node}`;
}

/** What a tag's value asks for; undefined for one that says nothing. */
export function wishOfTag(value: string): SystemWish | undefined {
  const [, text = "", node = ""] = /^(\S+)(?: on (.+))?$/s.exec(value.trim()) ?? [];
  const seconds = systemMetricsSeconds(text);
  return seconds === undefined ? undefined : { everyMs: 1_000 * seconds, node: nodeName(node) };
}

/** A machine's name as it stands in keys: MLflow takes letters, digits and a few signs. */
export function nodeName(name: string): string {
  const known = name.replace(/[^A-Za-z0-9_\-.: ]/g, "_").slice(0, NODE_CHARACTERS_MAX);
  // No part of a key is "." or "..".
  return known.replace(/^\.+$/, (dots) => "_".repeat(dots.length));
}

/**
 * What MLflow's own variables ask for: seconds, and the name of the machine. Undefined where they ask for nothing. MLflow
 * logs the mean of so many samples; the daemon logs as often as that would.
 */
export function wishOfVariables(env: Readonly<Record<string, string | undefined>>): SystemWish | undefined {
  if (!/^(true|1)$/i.test(env["MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING"] ?? "")) return undefined;
  const interval = Number(env["MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL"]) || SYSTEM_METRICS_SECONDS;
  const samples = Number(env["MLFLOW_SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING"]) || 1;
  const seconds = Math.min(
    SYSTEM_METRICS_SECONDS_MAX,
    Math.max(SYSTEM_METRICS_SECONDS_MIN, interval * samples),
  );
  return { everyMs: 1_000 * seconds, node: nodeName(env["MLFLOW_SYSTEM_METRICS_NODE_ID"] ?? "") };
}
