/**
 * A deployment: servers of one's own behind an experiment tracker, in a folder of the home.
 *
 *   deployments/NAME/            0700
 *     deployment.json            what it is; written before anything else, so that what is half-made can be ended
 *     state.json                 its processes, by the supervisor
 *     supervisor.lock            who supervises it
 *     server.log, server.log.1   what its servers say
 *     ...                        what the servers keep
 *
 * Nothing in it is a password: that is in the secret store, under the deployment's name, and goes to the server by its
 * standard input.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync } from "node:fs";
import { rename, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { StepwellError } from "../errors/stepwell-error.js";
import { isCode } from "../errors/system-code.js";
import { makeFolder } from "../home/durable-folder.js";
import type { HomePaths } from "../home/endpoint.js";
import { readPlainSync } from "../home/plain-file.js";
import { replaceFile } from "../home/replace-file.js";
import { nearMatch } from "../model/near-match.js";
import { PROVIDERS, type Provider } from "./providers.js";

/** What a deployment is. */
export interface Deployment {
  readonly name: string;
  readonly provider: Provider;
  /** As given by -x, with what was chosen for those that were not. */
  readonly settings: Readonly<Record<string, string>>;
  /** Where what was written for servers elsewhere is; empty for servers here. */
  readonly writtenTo: string;
  /** Milliseconds since 1970 UTC. */
  readonly createdMs: number;
}

/** A deployment's files. */
export interface DeploymentPaths {
  readonly folder: string;
  readonly recordFile: string;
  readonly stateFile: string;
  readonly supervisorLock: string;
  /** Held by a command that changes it. */
  readonly commandLock: string;
  readonly logFile: string;
}

const FORMAT = 1;
/** A folder of the home and a label of Kubernetes can have the name. */
const NAME = /^[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/;

/** What the folders of removed ones are called: no deployment is. */
const GONE = ".gone-";

/** Where the files of a deployment are. */
export function pathsOfDeployment(paths: HomePaths, name: string): DeploymentPaths {
  const folder = join(paths.deploymentsFolder, name);
  return {
    folder,
    recordFile: join(folder, "deployment.json"),
    stateFile: join(folder, "state.json"),
    supervisorLock: join(folder, "supervisor.lock"),
    commandLock: join(folder, "command.lock"),
    logFile: join(folder, "server.log"),
  };
}

/** Throws STEPWELL_NAME_INVALID. */
export function checkDeploymentName(name: string): void {
  if (NAME.test(name)) return;
  const sentence = `${JSON.stringify(name)} is not a valid name of a deployment.`;
  const remedy = "Use up to 63 letters, digits, _ or -, a letter or a digit at both ends.";
  throw new StepwellError("STEPWELL_NAME_INVALID", sentence, { remedy });
}

/** All of a home that can be read, by name. */
export function listDeployments(paths: HomePaths): Deployment[] {
  return namesIn(paths.deploymentsFolder).flatMap((name) => {
    const found = NAME.test(name) ? lookFor(paths, name) : undefined;
    return found instanceof StepwellError ? [] : (found ?? []);
  });
}

/** The one of a name. Throws STEPWELL_DEPLOYMENT_UNKNOWN, or STEPWELL_DEPLOYMENT_INVALID where its record can't be read. */
export function readDeployment(paths: HomePaths, name: string): Deployment {
  const found = tryReadDeployment(paths, name);
  if (found) return found;
  const hint = nearMatch(name, namesIn(paths.deploymentsFolder));
  throw new StepwellError(
    "STEPWELL_DEPLOYMENT_UNKNOWN",
    `There is no deployment ${JSON.stringify(name)}.${hint}`,
  );
}

/** The same, or undefined. One that can't be read is none of them: there may be runs behind it. */
export function tryReadDeployment(paths: HomePaths, name: string): Deployment | undefined {
  const found = NAME.test(name) ? lookFor(paths, name) : undefined;
  if (found instanceof StepwellError) throw found;
  return found;
}

/** Whether there is one, also where nothing of it can be read. */
export function hasRecord(paths: HomePaths, name: string): boolean {
  return lookFor(paths, name) !== undefined;
}

/** Makes its folder and writes what it is. */
export async function writeDeployment(paths: HomePaths, deployment: Deployment): Promise<void> {
  const { folder, recordFile } = pathsOfDeployment(paths, deployment.name);
  await makeFolder(folder);
  const { createdMs, writtenTo, ...rest } = deployment;
  const record = { format: FORMAT, flavor: "mlflow", ...rest, written_to: writtenTo, created_ms: createdMs };
  await replaceFile(recordFile, `${JSON.stringify(record)}\n`);
}

/** Removes all of it. It loses its name first: half a deployment is none, and nobody begins one on what is left of another. */
export async function removeDeployment(paths: HomePaths, name: string): Promise<void> {
  const { folder } = pathsOfDeployment(paths, name);
  const gone = join(paths.deploymentsFolder, `${GONE}${randomBytes(6).toString("hex")}`);
  await rename(folder, gone).catch((error: unknown) => {
    if (!isCode(error, "ENOENT")) throw error;
  });
  // With what others left that were killed on the way.
  for (const each of namesIn(paths.deploymentsFolder).filter((found) => found.startsWith(GONE)))
    await rm(join(paths.deploymentsFolder, each), { recursive: true, force: true });
  // The last one takes the folder of all along.
  await rmdir(paths.deploymentsFolder).catch(() => undefined);
}

/** Makes a folder of its own in a deployment's, for this user alone. */
export function makeOwnFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    // No deployment was ever made.
    return [];
  }
}

/** What there is of a name; an error where its record is there and can't be read. */
function lookFor(paths: HomePaths, name: string): Deployment | StepwellError | undefined {
  const { folder, recordFile } = pathsOfDeployment(paths, name);
  let reason = "it is not as this Stepwell writes it";
  try {
    const found = parseDeployment(JSON.parse(readPlainSync(recordFile)) as unknown, name);
    if (found) return found;
  } catch (error) {
    // None, or one whose making was cut off before it began.
    if (isCode(error, "ENOENT", "ENOTDIR")) return undefined;
    reason = error instanceof Error ? error.message : String(error);
  }
  const sentence = `What the deployment ${name} is can't be read from ${recordFile}: ${reason}.`;
  const remedy = `Where a newer Stepwell made it, use that. Else mend the file; all that its servers keep is in ${folder}.`;
  return new StepwellError("STEPWELL_DEPLOYMENT_INVALID", sentence, { remedy });
}

function parseDeployment(value: unknown, name: string): Deployment | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { format, provider, settings, written_to, created_ms } = value as Record<string, unknown>;
  const known = PROVIDERS.find((each) => each === provider);
  if (format !== FORMAT || known === undefined || typeof settings !== "object" || settings === null)
    return undefined;
  if (typeof created_ms !== "number" || typeof written_to !== "string") return undefined;
  if (!Object.values(settings).every((each) => typeof each === "string")) return undefined;
  return {
    name,
    provider: known,
    settings: settings as Record<string, string>,
    writtenTo: written_to,
    createdMs: created_ms,
  };
}
