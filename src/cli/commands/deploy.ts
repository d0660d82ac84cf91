/** `experiment-tracker deploy`, and its status, stop and destroy. */
import { join, resolve } from "node:path";
import { endSupervisor, standingOf } from "../../deploy/control.js";
import {
  checkDeploymentName,
  type Deployment,
  type DeploymentPaths,
  hasRecord,
  listDeployments,
  pathsOfDeployment,
  readDeployment,
  removeDeployment,
  tryReadDeployment,
} from "../../deploy/deployment.js";
import type { Provider } from "../../deploy/providers.js";
import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { makeFolder } from "../../home/durable-folder.js";
import { trySpawnLock } from "../../home/spawn-lock.js";
import { newId } from "../../model/id.js";
import { runNameOf } from "../../model/run-name.js";
import type { Context } from "../context.js";
import { withDaemon } from "../daemon/with-daemon.js";
import { confirm } from "../input/confirm.js";
import type { OutputOptions } from "../input/options.js";
import type { Column, PlainRecord } from "../output/answer.js";
import { isForPeople, showAnswer } from "../output/output.js";
import { deployLocal, localUrl } from "./deploy-local.js";
import { deployPlatform } from "./deploy-platform.js";
import { checkUnused, removeTracked } from "./deploy-tracker.js";

/** Options of deploy. */
export interface DeployOptions extends OutputOptions {
  readonly flavor: string;
  readonly provider?: Provider;
  readonly extra: Readonly<Record<string, string>>;
  readonly folder?: string;
  readonly apply?: true;
}

/** Options of destroy. */
export interface DestroyOptions {
  readonly yes?: true;
}

const COLUMNS: readonly Column[] = [
  ...["name", "provider", "state", "url"].map((key) => ({ key })),
  ...["pid", "restarts", "log_file"].map((key) => ({ key, mayGo: true })),
];
/** These would read as a command of deploy's. */
const TAKEN_WORDS = ["status", "stop", "destroy", "start", "list", "logs", "help"];

/** `deploy [NAME]`: makes one, or begins again one that was stopped. */
export async function deploy(context: Context, given: string, options: DeployOptions): Promise<number> {
  const name = given === "" ? runNameOf(newId()) : given;
  checkDeploymentName(name);
  if (TAKEN_WORDS.includes(name))
    throw new StepwellError("STEPWELL_NAME_INVALID", `${name} is a word of this command.`);
  // Before a daemon is started for it.
  lookBefore(context, name, options);
  return await withDaemon(context, (connection) =>
    locked(context, name, async (paths) => {
      // Another command may have made or removed it meanwhile.
      const { before, provider } = lookBefore(context, name, options);
      const { extra: settings, folder, apply = false } = options;
      const [place, request] = [
        { context, connection, paths },
        { name, before, settings },
      ];
      if (provider === "local") await deployLocal(place, request);
      else await deployPlatform(place, { ...request, provider, folder, apply });
      const deployment = readDeployment(context.paths, name);
      if (!isForPeople(options.output))
        await showAnswer(context, { kind: "record", record: fullView(context, deployment) }, options.output);
      return EXIT.ok;
    }),
  );
}

/** The one that is there already, and where it is to be. Throws where what is asked for does not go with that. */
function lookBefore({ paths }: Context, name: string, options: DeployOptions) {
  const before = tryReadDeployment(paths, name);
  if (before) refuseChange(before, options);
  const provider = before?.provider ?? options.provider ?? "local";
  if (provider === "local") refuseMisplaced(options);
  return { before, provider };
}

/** `deploy status [NAME]`. */
export async function status(context: Context, name: string, options: OutputOptions): Promise<number> {
  if (name !== "") {
    const record = fullView(context, readDeployment(context.paths, name));
    await showAnswer(context, { kind: "record", record }, options.output);
    return EXIT.ok;
  }
  const items = listDeployments(context.paths).map((each) => view(context, each));
  if (items.length === 0) context.stderr("There are no deployments.\n");
  await showAnswer(context, { kind: "list", columns: COLUMNS, items }, options.output);
  return EXIT.ok;
}

/** `deploy stop NAME`. */
export async function stop(context: Context, name: string): Promise<number> {
  const { provider } = readDeployment(context.paths, name);
  if (provider !== "local")
    throw new StepwellError("STEPWELL_DEPLOYMENT_INVALID", `${name} is not on this machine.`, {
      remedy: "Its folder's README.md says how it is ended: stepwell experiment-tracker deploy status.",
    });
  return await locked(context, name, async () => {
    const lived = await endSupervisor(context.paths, name);
    context.stderr(lived ? `Stopped ${name}; all of it is kept.\n` : `${name} does not run.\n`);
    return EXIT.ok;
  });
}

/** `deploy destroy NAME`, after a question on a terminal. */
export async function destroy(context: Context, name: string, { yes }: DestroyOptions): Promise<number> {
  const { writtenTo } = readDeployment(context.paths, name);
  const what = writtenTo === "" ? "with all of its runs and artifacts" : "from this home";
  if (!yes && !(await confirm(`Remove ${name} ${what}?`))) {
    context.stderr("Nothing was removed.\n");
    return EXIT.failed;
  }
  return await withDaemon(context, (connection) =>
    locked(context, name, async () => {
      await checkUnused(connection, name);
      await endSupervisor(context.paths, name);
      const notes = await removeTracked(connection, name);
      await removeDeployment(context.paths, name);
      const removed =
        writtenTo === ""
          ? "its servers, what they kept, its tracker and its secret"
          : `its tracker and its secret. What was applied goes on: see ${join(writtenTo, "README.md")}`;
      context.stderr(`Removed ${name}: ${removed}.\n`);
      for (const note of notes) context.stderr(`${note}\n`);
      return EXIT.ok;
    }),
  );
}

/** Does something with a deployment while no other command does. */
async function locked<Value>(
  { paths }: Context,
  name: string,
  action: (paths: DeploymentPaths) => Promise<Value>,
): Promise<Value> {
  const own = pathsOfDeployment(paths, name);
  await makeFolder(own.folder);
  const lock = trySpawnLock(own.commandLock);
  if (!lock) throw new StepwellError("STEPWELL_DEPLOYMENT_BUSY", `Another command is at work on ${name}.`);
  try {
    return await action(own);
  } finally {
    // Where nothing came of it, nothing stays: while it is ours, or another command may have begun in it.
    if (lock.isHeld() && !hasRecord(paths, name)) await removeDeployment(paths, name);
    lock.release();
  }
}

/** Throws STEPWELL_USAGE for what only servers elsewhere have. */
function refuseMisplaced({ folder, apply }: DeployOptions): void {
  if (folder === undefined && !apply) return;
  throw new StepwellError("STEPWELL_USAGE", "--folder and --apply are for another --provider than local.");
}

/** What is there stays as it is; settings that are given again have to be the same. */
function refuseChange(before: Deployment, { provider, folder, extra }: DeployOptions): void {
  const changed = Object.entries(extra).find(([key, value]) => before.settings[key] !== value)?.[0];
  const isMoved = folder !== undefined && resolve(folder) !== before.writtenTo;
  const isElsewhere = provider !== undefined && provider !== before.provider;
  const what = isElsewhere ? "--provider" : isMoved ? "--folder" : changed && `-x ${changed}`;
  if (what === undefined) return;
  throw new StepwellError("STEPWELL_DEPLOYMENT_CHANGED", `${before.name} was made with another ${what}.`);
}

function view({ paths }: Context, deployment: Deployment): PlainRecord {
  const { name, provider } = deployment;
  if (provider !== "local") {
    const { hostname } = deployment.settings;
    const url = hostname === undefined ? null : `https://${hostname}`;
    return { name, provider, state: "elsewhere", url, pid: null, restarts: null, log_file: null };
  }
  const { pid, hasDied, parts } = standingOf(paths, name);
  const isServing = parts.length > 0 && parts.every(({ state }) => state === "serving");
  return {
    ...{ name, provider },
    state: hasDied ? "died" : pid === undefined ? "stopped" : isServing ? "serving" : "starting",
    url: localUrl(deployment),
    pid: pid ?? null,
    restarts: parts.reduce((sum, { restarts }) => sum + restarts, 0),
    log_file: pathsOfDeployment(paths, name).logFile,
  };
}

function fullView(context: Context, deployment: Deployment): PlainRecord {
  const { pid, parts } = standingOf(context.paths, deployment.name);
  const servers = parts.map(({ name, state, pid: own, restarts, lastEnd }) => ({
    name,
    state: pid === undefined ? "stopped" : state,
    ...{ pid: pid === undefined ? null : own || null, restarts, last_end: lastEnd },
  }));
  const folder = deployment.writtenTo || pathsOfDeployment(context.paths, deployment.name).folder;
  return { ...view(context, deployment), settings: { ...deployment.settings }, folder, servers };
}
