/**
 * The settings of an MLflow experiment tracker. The first check that fails decides: yes or
 * no values, pairs, what belongs to Databricks only, the host, the URI. No error shows a value.
 */
import { isAbsolute } from "node:path";
import { StepwellError } from "../errors/stepwell-error.js";

type Configuration = Readonly<Record<string, string>>;

const SWITCHES = ["tracking_insecure_tls", "enable_unity_catalog"];
const PAIRS = [
  ["tracking_username", "tracking_password"],
  ["databricks_client_id", "databricks_client_secret"],
] as const;
const CREDENTIALS = [...PAIRS.flat(), "tracking_token"];
const DATABRICKS_ONLY = [
  "databricks_host",
  "databricks_client_id",
  "databricks_client_secret",
  "enable_unity_catalog",
];
const YES = /^(1|true|yes|on)$/i;
const NO = /^(0|false|no|off)$/i;
const SQLITE_URI = "sqlite:///";

/** The file of a sqlite:/// URI, or undefined when the URI is none. */
export function sqlitePath(uri: string): string | undefined {
  return uri.startsWith(SQLITE_URI) ? uri.slice(SQLITE_URI.length) : undefined;
}

/** Throws STEPWELL_CONFIG_INVALID. Credentials and servers are refused: this version can't keep or reach them. */
export function checkMlflow(configuration: Configuration): void {
  for (const key of SWITCHES) checkSwitch(key, configuration[key]);
  for (const [one, other] of PAIRS) {
    if (Object.hasOwn(configuration, one) !== Object.hasOwn(configuration, other))
      throw invalid(`${one} and ${other} go together: give both or none.`);
  }
  const uri = configuration["tracking_uri"];
  const isDatabricks = uri !== undefined && /^databricks(:\/\/[^/\s]+)?$/i.test(uri);
  checkDatabricks(configuration, uri, isDatabricks);
  const credentials = CREDENTIALS.filter((key) => Object.hasOwn(configuration, key));
  if (credentials.length > 0) {
    const stored = "This version can't store credentials";
    throw invalid(`${stored}, so a tracker with ${credentials.join(", ")} is not supported yet.`);
  }
  if (isDatabricks) throw unsupported("databricks");
  if (uri !== undefined) checkUri(uri);
}

function checkSwitch(key: string, value: string | undefined): void {
  if (value === undefined || YES.test(value) || NO.test(value)) return;
  throw invalid(`${key} is true or false, and was neither.`);
}

function checkDatabricks(configuration: Configuration, uri: string | undefined, isDatabricks: boolean): void {
  const given = DATABRICKS_ONLY.filter((key) => {
    const value = configuration[key];
    return value !== undefined && !(key === "enable_unity_catalog" && NO.test(value));
  });
  if (!isDatabricks && given.length > 0)
    throw invalid(`Only a tracker with tracking_uri=databricks takes ${given.join(", ")}.`);
  if (uri?.toLowerCase() === "databricks" && configuration["databricks_host"] === undefined)
    throw invalid("tracking_uri=databricks needs databricks_host, the address of the workspace.");
}

function checkUri(uri: string): void {
  const path = sqlitePath(uri);
  if (path === undefined) {
    const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1] ?? "none";
    throw unsupported(scheme);
  }
  if (!isAbsolute(path))
    throw invalid("The tracking_uri needs an absolute path: sqlite:////folder/mlflow.db.");
}

function unsupported(scheme: string): StepwellError {
  return invalid(
    `This version delivers to SQLite stores; a tracking_uri with the scheme ${JSON.stringify(scheme)} is not supported yet.`,
  );
}

function invalid(sentence: string): StepwellError {
  return new StepwellError("STEPWELL_CONFIG_INVALID", sentence);
}
