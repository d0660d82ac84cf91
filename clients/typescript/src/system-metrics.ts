/** Whether the daemon logs metrics of the system to a run, and how often: a tag says it. */
import { StepwellClientError } from "./errors.js";

/** The tag that asks for them. */
export const SYSTEM_METRICS_TAG = "stepwell.system_metrics";
/** Seconds between two points unless something else is said, and the least and the most. */
const SECONDS = 10;
const SECONDS_MIN = 1;
const SECONDS_MAX = 3_600;
const NODE_CHARACTERS_MAX = 100;

/** The tag's value: of what a caller says, or else of MLflow's own variables; undefined says nothing. Throws STEPWELL_SETTING_INVALID. */
export function systemMetricsTag(
  asked: boolean | number | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (asked === false) return "off";
  const seconds = asked === undefined ? secondsIn(env) : asked === true ? SECONDS : asked;
  if (seconds === undefined) return undefined;
  if (!(seconds >= SECONDS_MIN && seconds <= SECONDS_MAX))
    throw new StepwellClientError(
      "STEPWELL_SETTING_INVALID",
      `systemMetrics is true, false or seconds from ${SECONDS_MIN} to ${SECONDS_MAX}.`,
    );
  const name = env["MLFLOW_SYSTEM_METRICS_NODE_ID"] ?? "";
  const node = name.replace(/[^A-Za-z0-9_\-.: ]/g, "_").slice(0, NODE_CHARACTERS_MAX);
  return node === "" ? `${seconds}` : `${seconds} on ${node}`;
}

function secondsIn(env: Readonly<Record<string, string | undefined>>): number | undefined {
  if (!/^(true|1)$/i.test(env["MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING"] ?? "")) return undefined;
  // MLflow logs the mean of so many samples; the daemon logs as often as that would.
  const interval = Number(env["MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL"]) || SECONDS;
  const samples = Number(env["MLFLOW_SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING"]) || 1;
  return Math.min(SECONDS_MAX, Math.max(SECONDS_MIN, interval * samples));
}
