/**
 * The settings of an MLflow experiment tracker. The first check that fails decides: single
 * values, pairs, what belongs to Databricks only, the host, how many ways to authenticate,
 * the URI. No error shows a value.
 */
import { isAbsolute } from "node:path";
import { StepwellError } from "../errors/stepwell-error.js";
import { MLFLOW_FIELDS } from "../model/flavor-fields.js";
import { isHeaderToken } from "../model/names.js";
import { readSetting } from "../model/secret-reference.js";
import { SYSTEM_METRICS_FORMS, systemMetricsSeconds } from "../model/system-metrics.js";
import { readTrackingUri, serverAddress, type TrackingUri } from "./tracking-uri.js";

type Configuration = Readonly<Record<string, string>>;

const PAIRS = [
  ["tracking_username", "tracking_password"],
  ["databricks_client_id", "databricks_client_secret"],
] as const;
const SECRETS = MLFLOW_FIELDS.filter(({ isSecret }) => isSecret).map(({ name }) => name);
const SWITCHES = MLFLOW_FIELDS.filter(({ type }) => type === "switch").map(({ name }) => name);
const PATHS = ["tracking_server_cert_path", "tracking_client_cert_path"];
const DATABRICKS_ONLY = [
  "databricks_host",
  "databricks_client_id",
  "databricks_client_secret",
  "enable_unity_catalog",
];
const YES = /^(1|true|yes|on)$/i;
const NO = /^(0|false|no|off)$/i;

/** Whether a switch is on; without a value it is off. */
function isOn(value: string | undefined): boolean {
  return value !== undefined && YES.test(value);
}

/** The tags of a tracker's configuration as text; null values are left out. Throws STEPWELL_CONFIG_INVALID. */
export function readTags(json: string): Record<string, string> {
  const tags = parsed(json);
  if (typeof tags !== "object" || tags === null || Array.isArray(tags)) throw noObject();
  const filled = Object.entries(tags).filter(([, value]) => value !== null);
  return Object.fromEntries(
    filled.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

/** Throws STEPWELL_CONFIG_INVALID. */
export function checkMlflow(configuration: Configuration): void {
  checkSingle(configuration);
  const uri = readTrackingUri(configuration["tracking_uri"]);
  for (const [one, other] of PAIRS) {
    // A database's user may stand in its address.
    if (uri.kind === "postgres" && one === "tracking_username") continue;
    if (Object.hasOwn(configuration, one) !== Object.hasOwn(configuration, other))
      throw invalid(`${one} and ${other} go together: give both or none.`);
  }
  checkDatabricks(configuration, uri);
  checkMethods(configuration, uri);
  checkRelay(configuration, uri);
  checkPostgres(configuration, uri);
  if (uri.kind === "refused") throw invalid(uri.reason);
  if (
    isOn(configuration["tracking_insecure_tls"]) &&
    configuration["tracking_server_cert_path"] !== undefined
  )
    throw invalid("tracking_insecure_tls takes any certificate, so tracking_server_cert_path has no use.");
}

/** What is not wrong and may still be a mistake, a sentence each; none shows a value. */
export function warningsOf(configuration: Configuration): string[] {
  const { kind } = readTrackingUri(configuration["tracking_uri"]);
  const unused = SECRETS.filter((name) => Object.hasOwn(configuration, name));
  return [
    ...(unused.length > 0 && (kind === "local" || kind === "sqlite" || kind === "spool")
      ? [`A local store needs no ${unused.join(", ")}.`]
      : []),
    ...nearMissWarnings(configuration),
  ];
}

/** Of settings that look like references and are none, a sentence each; also of credentials that were moved. */
export function nearMissWarnings(settings: Configuration): string[] {
  return Object.keys(settings)
    .filter((name) => readSetting(settings[name] ?? "").kind === "nearMiss")
    .map((name) => `${name} holds double braces and is no reference {{name.key}}: it is taken as it is.`);
}

/** A token or a reference to one. Throws STEPWELL_CONFIG_INVALID. */
export function checkToken(token: string | undefined): void {
  if (token === undefined || readSetting(token).kind === "reference" || isHeaderToken(token)) return;
  throw invalid(
    "tracking_token holds a line's end, a space or another character that no HTTP header carries.",
  );
}

function checkSingle(configuration: Configuration): void {
  for (const [name, value] of Object.entries(configuration)) {
    const { kind } = readSetting(value);
    if (kind === "oddBraces") throw invalid(`${name} has braces too many: a reference is {{name.key}}.`);
    if (kind === "reference" && !SECRETS.includes(name))
      throw invalid(`${name} can't be a reference; credentials can: ${SECRETS.join(", ")}.`);
  }
  for (const name of SWITCHES) {
    const value = configuration[name];
    if (value !== undefined && !YES.test(value) && !NO.test(value))
      throw invalid(`${name} is true or false, and was neither.`);
  }
  const { auth, tags, databricks_host: host, tracking_token: token } = configuration;
  checkToken(token);
  if (auth !== undefined && auth !== "none")
    throw invalid("auth can only be none, for servers that are open.");
  for (const name of PATHS) {
    const path = configuration[name];
    if (path !== undefined && !isAbsolute(path)) throw invalid(`${name} has to be an absolute path.`);
  }
  if (host !== undefined && databricksAddress(host) === undefined)
    throw invalid("databricks_host has to be the workspace's address alone, as in https://host.");
  if (tags !== undefined) readTags(tags);
  const { system_metrics: metrics } = configuration;
  if (metrics !== undefined && systemMetricsSeconds(metrics) === undefined)
    throw invalid(`system_metrics is ${SYSTEM_METRICS_FORMS}.`);
}

/** A workspace's address in one form, with https where no scheme is given; undefined when it is none. */
export function databricksAddress(host: string): string | undefined {
  return serverAddress(/^[a-z]+:\/\//i.test(host) ? host : `https://${host}`);
}

function checkDatabricks(configuration: Configuration, uri: TrackingUri): void {
  const given = DATABRICKS_ONLY.filter((name) => {
    const value = configuration[name];
    return value !== undefined && !(name === "enable_unity_catalog" && NO.test(value));
  });
  if (uri.kind !== "databricks") {
    if (given.length > 0)
      throw invalid(`Only a tracker with tracking_uri=databricks takes ${given.join(", ")}.`);
    return;
  }
  const hasHost = configuration["databricks_host"] !== undefined;
  if (uri.profile === undefined && !hasHost) {
    throw invalid(
      "tracking_uri=databricks needs the workspace's address: add --databricks_host=https://HOST.",
    );
  }
  if (uri.profile !== undefined && hasHost)
    throw invalid("A Databricks profile names its host: leave databricks_host out.");
}

/** Who may write through a relay shows a token or a certificate; to one that lets all in, nothing is shown. */
function checkRelay(configuration: Configuration, uri: TrackingUri): void {
  if (uri.kind !== "relay") return;
  const unknown = ["tracking_username", "tracking_password"].filter((name) =>
    Object.hasOwn(configuration, name),
  );
  if (unknown.length > 0)
    throw invalid("A relay takes tracking_token or tracking_client_cert_path, and no user and password.");
  const isPlain = uri.uri.startsWith("grpc:");
  const ofTls = [...PATHS, "tracking_insecure_tls"].filter((name) => Object.hasOwn(configuration, name));
  if (isPlain && ofTls.length > 0)
    throw invalid(
      `A relay at grpc:// is reached without TLS, so that ${ofTls.join(", ")} has no use: give grpcs://.`,
    );
}

/** A database is opened by a user and mostly a password; how its certificate is checked stands in its address. */
function checkPostgres(configuration: Configuration, uri: TrackingUri): void {
  const has = (name: string) => Object.hasOwn(configuration, name);
  if (uri.kind !== "postgres") {
    if (has("default_artifact_root"))
      throw invalid("Only a tracker with a PostgreSQL tracking_uri takes default_artifact_root.");
    return;
  }
  if (has("tracking_token")) throw invalid("A database takes tracking_password, and no tracking_token.");
  if (has("tracking_insecure_tls"))
    throw invalid(
      "How a database's certificate is checked stands in its tracking_uri, as in ?sslmode=require.",
    );
  if (uri.user !== "" && has("tracking_username"))
    throw invalid("The tracking_uri names a user already: leave tracking_username out.");
  if (uri.user === "" && !has("tracking_username"))
    throw invalid("The database needs a user: postgresql://USER@HOST/DATABASE.");
}

/** A server needs exactly one way to authenticate, and an open one says so. */
function checkMethods(configuration: Configuration, uri: TrackingUri): void {
  if (uri.kind !== "server" && uri.kind !== "databricks") return;
  const has = (name: string) => Object.hasOwn(configuration, name);
  const profile = uri.kind === "databricks" && uri.profile !== undefined;
  const found = [
    ...(has("tracking_token") ? ["tracking_token"] : []),
    ...(has("tracking_username") ? ["tracking_username with tracking_password"] : []),
    ...(has("databricks_client_id") ? ["databricks_client_id with databricks_client_secret"] : []),
    ...(has("auth") ? ["auth=none"] : []),
    ...(profile ? ["the profile"] : []),
  ];
  if (uri.kind === "databricks" && has("auth"))
    throw invalid("Databricks has no open servers: leave auth out.");
  if (found.length === 1) return;
  if (found.length > 1)
    throw invalid(`A server takes one way to authenticate, and there are several: ${found.join("; ")}.`);
  const last =
    uri.kind === "databricks"
      ? "databricks_client_id with databricks_client_secret"
      : "auth=none for an open server";
  throw invalid(
    `The server needs a way to authenticate: tracking_token, tracking_username with tracking_password, or ${last}.`,
  );
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // Its message would show a part of the value.
    throw noObject();
  }
}

function noObject(): StepwellError {
  return invalid(`tags has to be a JSON object, as in {"team": "vision"}.`);
}

function invalid(sentence: string): StepwellError {
  return new StepwellError("STEPWELL_CONFIG_INVALID", sentence);
}
