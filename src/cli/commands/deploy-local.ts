/** `deploy --provider=local`: servers on this machine, until somebody stops them. */
import { endSupervisor, spawnSupervisor, standingOf } from "../../deploy/control.js";
import { type Deployment, type DeploymentPaths, writeDeployment } from "../../deploy/deployment.js";
import { portToKeep } from "../../deploy/kept-port.js";
import { bucketPackage, checkLocalSettings } from "../../deploy/local-settings.js";
import { bytesOfLog, lastLines } from "../../deploy/server-log.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { systemClock } from "../../home/clock.js";
import { environmentWithFolder } from "../../home/user.js";
import { deadlineAfter, poll } from "../../home/wait.js";
import { type MlflowEnvironment, readEnvironment } from "../../mlflow/managed/environment.js";
import { missingModules } from "../../mlflow/managed/missing-modules.js";
import type { Context } from "../context.js";
import type { Connection } from "../daemon/find-daemon.js";
import { environmentOfDaemon } from "../daemon/spawn.js";
import { checkNameFree, credentialsIn, keepTracker } from "./deploy-tracker.js";

/** Where a deployment is worked at. */
export interface DeployPlace {
  readonly context: Context;
  readonly connection: Connection;
  readonly paths: DeploymentPaths;
}

/** What was asked for. */
export interface LocalRequest {
  readonly name: string;
  /** The deployment of this name, if there is one. */
  readonly before: Deployment | undefined;
  readonly settings: Readonly<Record<string, string>>;
}

/** MLflow makes its databases at the first start: 20 s of a processor, and minutes on a machine that is busy. */
const START_MS_MAX = 300_000;
/** How long it may take to end what did not start. */
const END_MS_MAX = 60_000;
const USERNAME = "admin";
const LINES_SHOWN = 12;
/** Where a bucket's credentials are, and which of them count: names of files and of profiles, no secret. */
const BUCKET_VARIABLES = [
  ...["GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CONFIG", "AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_REGION"],
  ...["AWS_SHARED_CREDENTIALS_FILE", "AWS_DEFAULT_REGION", "AZURE_CONFIG_DIR", "MLFLOW_S3_ENDPOINT_URL"],
];

/** Starts the servers and registers the tracker; what is there already is left alone. */
export async function deployLocal(place: DeployPlace, request: LocalRequest): Promise<void> {
  const { context, connection } = place;
  const environment = environmentOf(context);
  if (!request.before) {
    checkLocalSettings(request.settings);
    await checkNameFree(connection, request.name);
  }
  const deployment = request.before ?? (await newDeployment(request));
  const { name, settings } = deployment;
  await checkModules(context, environment, deployment);
  await writeDeployment(context.paths, deployment);
  const credentials = await credentialsIn(connection, name, settings["username"] ?? USERNAME);
  const isThere = standingOf(context.paths, name).pid !== undefined;
  if (!isThere) await begin(place, deployment, { ...credentials, interpreter: environment.interpreter });
  const notes = await keepTracker(connection, name, localUrl(deployment));
  const did = isThere ? "runs already" : request.before ? "runs again" : "is deployed";
  const sentence = `${name} ${did}: MLflow ${environment.version} at ${localUrl(deployment)}. Its tracker and its secret are ${name}, too.`;
  for (const line of [sentence, ...notes]) context.stderr(`${line}\n`);
}

/** Where MLflow answers. */
export function localUrl({ settings }: Deployment): string {
  return `http://127.0.0.1:${settings["port"] ?? ""}`;
}

function environmentOf({ paths }: Context): MlflowEnvironment {
  const environment = readEnvironment(paths);
  if (environment) return environment;
  throw new StepwellError(
    "STEPWELL_INTEGRATION_MISSING",
    "A deployment needs MLflow, which is not installed.",
  );
}

async function newDeployment({ name, settings }: LocalRequest): Promise<Deployment> {
  const port = await portToKeep(settings["port"]);
  return {
    name,
    provider: "local",
    settings: { username: USERNAME, ...settings, port: String(port) },
    writtenTo: "",
    createdMs: systemClock.nowMs(),
  };
}

/** Throws STEPWELL_INTEGRATION_MISSING for what MLflow would only miss in the middle of its start, or at an upload. */
async function checkModules(
  { env, paths }: Context,
  { interpreter }: MlflowEnvironment,
  { settings }: Deployment,
): Promise<void> {
  const bucket = bucketPackage(settings["mlflow_bucket"] ?? "");
  const wanted = ["flask_wtf", ...(bucket ? [bucket.module] : [])];
  const missing = await missingModules(interpreter, environmentWithFolder(env, paths.home), wanted);
  if (missing.length === 0) return;
  const names = missing.includes("flask_wtf") ? "Flask-WTF" : (bucket?.name ?? "");
  const sentence = `The MLflow that is installed lacks what the deployment needs: ${names}.`;
  const remedy = `Install it: python3 -m pip --python ${interpreter} install ${names}.`;
  throw new StepwellError("STEPWELL_INTEGRATION_MISSING", sentence, { remedy });
}

/** Starts the supervisor and waits until all servers answer. Throws STEPWELL_DEPLOYMENT_FAILED with the last that they said. */
async function begin(
  { context, paths }: DeployPlace,
  { name }: Deployment,
  told: Parameters<typeof spawnSupervisor>[3]["told"],
): Promise<void> {
  context.stderr(`Starting the servers of ${name}; the first time it takes a while.\n`);
  const env = supervisorEnvironment(context);
  const logged = bytesOfLog(paths.logFile);
  const supervisor = spawnSupervisor(context.paths, env, [...context.program, "__supervise", name], {
    name,
    told,
  });
  const look = () => {
    const { parts } = standingOf(context.paths, name);
    if (parts.length > 0 && parts.every(({ state }) => state === "serving")) return "all answer";
    if (supervisor.ended()) return "the supervisor ended";
    const failed = parts.find(({ restarts, state }) => restarts > 0 && state !== "serving");
    return failed ? `${failed.name} ${failed.lastEnd}` : undefined;
  };
  const how = (await poll(deadlineAfter(START_MS_MAX), look)) ?? "they did not answer in time";
  if (how === "all answer") return;
  supervisor.end();
  await poll(deadlineAfter(END_MS_MAX), () => (supervisor.ended() ? true : undefined));
  await endSupervisor(context.paths, name);
  context.stderr(lastLines(paths.logFile, LINES_SHOWN, logged));
  const sentence = `The servers of ${name} did not start: ${how}. Their log: ${paths.logFile}.`;
  throw new StepwellError("STEPWELL_DEPLOYMENT_FAILED", sentence);
}

/** Nothing of the shell gets to the servers but what a daemon would get, and where a bucket's credentials are. */
function supervisorEnvironment({ env, paths }: Context): Record<string, string> {
  const ours = environmentWithFolder(environmentOfDaemon(env, paths), paths.home);
  const named = BUCKET_VARIABLES.flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...ours, ...Object.fromEntries(named) };
}
