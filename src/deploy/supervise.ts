/** The supervisor's process: it outlives the command that started it, and ends on SIGTERM with all of its servers. */
import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { StepwellError, sayError, toStepwellError } from "../errors/stepwell-error.js";
import { systemClock } from "../home/clock.js";
import type { Environment, HomePaths } from "../home/endpoint.js";
import { makeSocketPlace, socketFoldersOf } from "../home/socket-place.js";
import { trySpawnLock } from "../home/spawn-lock.js";
import { pathsOfDeployment, readDeployment } from "./deployment.js";
import { hasPostgres, partsOf, type Told } from "./local-parts.js";
import { ServerLog } from "./server-log.js";
import { writeState } from "./state-file.js";
import { Supervisor } from "./supervisor.js";

/** Of PostgreSQL's settings and addresses these end a path, or begin another one. */
const NOT_IN_SOCKET_FOLDER = /[,"\\%?#\p{Cc}]/u;

/** Where it runs. */
export interface SuperviseOptions {
  readonly paths: HomePaths;
  readonly env: Environment;
  /** What runs Stepwell's command. */
  readonly program: readonly string[];
}

/** Runs the servers of a deployment until somebody ends it. Throws where they can't even begin. */
export async function supervise(
  { paths, env, program }: SuperviseOptions,
  name: string,
  input: string,
): Promise<void> {
  const told = JSON.parse(input) as Told;
  // What MLflow makes is for this user alone, too.
  process.umask(0o077);
  const deployment = readDeployment(paths, name);
  const { folder, stateFile, supervisorLock, logFile } = pathsOfDeployment(paths, name);
  const lock = trySpawnLock(supervisorLock);
  if (!lock) throw new StepwellError("STEPWELL_DEPLOYMENT_BUSY", `${name} is supervised already.`);
  const log = new ServerLog(logFile, systemClock);
  const socketFolder = hasPostgres(deployment) ? await makeSocketFolder(folder, env) : "";
  const parts = partsOf({
    ...{ deployment, folder, env, program, socketFolder, ...told },
    log: (name, line) => log.write(name, line),
  });
  const supervisor = new Supervisor({
    parts,
    log,
    clock: systemClock,
    report: (reports) => writeState(stateFile, reports),
  });
  const asked = new Promise<void>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => resolve());
  });
  log.write("supervisor", `begins (pid ${process.pid})`);
  const failed = supervisor.begin().then(
    () => new Promise<never>(() => undefined),
    (error: unknown) => toStepwellError(error),
  );
  const fault = await Promise.race([asked, failed]);
  if (fault) log.write("supervisor", sayError(fault));
  await supervisor.end();
  // It may be elsewhere, where paths are short.
  if (socketFolder !== "") rmSync(socketFolder, { recursive: true, force: true });
  log.write("supervisor", "ended, with all of its servers");
  lock.release();
  if (fault) throw fault;
}

/** The kernel takes short paths of sockets only. */
async function makeSocketFolder(folder: string, env: Environment): Promise<string> {
  return dirname(await makeSocketPlace(socketFoldersOf(folder, env, NOT_IN_SOCKET_FOLDER)));
}
