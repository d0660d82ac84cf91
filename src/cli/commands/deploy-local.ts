/** `deploy --provider=local`: servers on this machine, until somebody stops them. */
import { endSupervisor, spawnSupervisor, standingOf } from "../../deploy/control.js";
import { type Deployment, type DeploymentPaths, writeDeployment } from "../../deploy/deployment.js";
import { portToKeep } from "../../deploy/kept-port.js";
import { hasPostgres } from "../../deploy/local-parts.js";
import { checkLocalSettings } from "../../deploy/local-settings.js";
import { bytesOfLog, lastLines } from "../../deploy/server-log.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { systemClock } from "../../home/clock.js";
import { environmentWithFolder } from "../../home/user.js";
import { deadlineAfter, poll } from "../../home/wait.js";
import type { Context } from "../context.js";
import type { Connection } from "../daemon/find-daemon.js";
import { environmentOfDaemon } from "../daemon/spawn.js";
import { visible } from "../output/people.js";
import { findNeeds } from "./deploy-needs.js";
import {
  checkNameFree,
  keepTracker,
  newPassword,
  relayTrackerOf,
  secretIn,
  serverPlace,
} from "./deploy-tracker.js";

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
/** MLflow's own port, and a relay's. */
const PORT = 5000;
const RELAY_PORT = 7443;
const LINES_SHOWN = 12;
/** Where a bucket's credentials are, and which of them count: names of files and of profiles, no secret. */
const BUCKET_VARIABLES = [
  ...["GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CONFIG", "AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_REGION"],
  ...["AWS_SHARED_CREDENTIALS_FILE", "AWS_DEFAULT_REGION", "AZURE_CONFIG_DIR", "MLFLOW_S3_ENDPOINT_URL"],
];

/** Starts the servers and registers the trackers; what is there already is left alone. */
export async function deployLocal(place: DeployPlace, request: LocalRequest): Promise<void> {
  const { context, connection } = place;
  if (!request.before) checkLocalSettings(request.settings);
  const { environment, postgresPrograms } = await findNeeds(context, request.before ?? request);
  if (!request.before) await checkNameFree(connection, request.name);
  const deployment = request.before ?? (await newDeployment(request));
  const { name, settings } = deployment;
  await writeDeployment(context.paths, deployment);
  const made = () => ({
    ...{ username: settings["username"] ?? USERNAME, password: newPassword() },
    ...(hasPostgres(deployment) ? { relay_token: newPassword() } : {}),
  });
  const {
    username = "",
    password = "",
    relay_token: relayToken = "",
  } = await secretIn(connection, name, made);
  const isThere = standingOf(context.paths, name).pid !== undefined;
  const { interpreter } = environment;
  if (!isThere)
    await begin(place, deployment, { username, password, relayToken, interpreter, postgresPrograms });
  const notes = await keepTracker(connection, name, name, serverPlace(localUrl(deployment)));
  const did = isThere ? "runs already" : request.before ? "runs again" : "is deployed";
  const sentence = `${name} ${did}: MLflow ${environment.version} at ${localUrl(deployment)}. Its tracker and its secret are ${name}, too.`;
  for (const line of [sentence, ...notes, ...(await keepRelay(connection, deployment))])
    context.stderr(`${line}\n`);
}

/** The relay takes metrics, params and tags at a few times the server's rate; artifacts and reads are the server's. */
async function keepRelay(connection: Connection, deployment: Deployment): Promise<string[]> {
  if (!hasPostgres(deployment)) return [];
  const { name, settings } = deployment;
  const uri = `grpc://127.0.0.1:${settings["relay_port"] ?? ""}`;
  const tracker = relayTrackerOf(name);
  await keepTracker(connection, tracker, name, { uri, credentials: { tracking_token: "relay_token" } });
  return [`The tracker ${tracker} delivers to the same database by its relay, at ${uri}.`];
}

/** Where MLflow answers. */
export function localUrl({ settings }: Deployment): string {
  return `http://127.0.0.1:${settings["port"] ?? ""}`;
}

async function newDeployment({ name, settings }: LocalRequest): Promise<Deployment> {
  const { port, relay_port } = settings;
  const ports = {
    port: `${await portToKeep("port", port, PORT)}`,
    ...(hasPostgres({ settings })
      ? { relay_port: `${await portToKeep("relay_port", relay_port, RELAY_PORT)}` }
      : {}),
  };
  return {
    ...{ name, provider: "local", settings: { username: USERNAME, ...settings, ...ports }, writtenTo: "" },
    createdMs: systemClock.nowMs(),
  };
}

/** Starts the supervisor and waits until all servers answer. Throws STEPWELL_DEPLOYMENT_FAILED with the last that they said. */
async function begin(
  { context, paths }: DeployPlace,
  { name }: Deployment,
  told: Parameters<typeof spawnSupervisor>[3]["told"],
): Promise<void> {
  context.stderr(`Starting the servers of ${name}; the first time it takes a while.\n`);
  const env = supervisorEnvironment(context);
  // PostgreSQL and a relay outlive a supervisor that was killed.
  await endSupervisor(context.paths, name);
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
  // Its lines have what anybody asked the servers for.
  const lines = lastLines(paths.logFile, LINES_SHOWN, logged).split("\n");
  context.stderr(lines.map(visible).join("\n"));
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
