/** What the doctor sees without opening anything: the machine, the home, who owns it. */
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { standingOf } from "../../deploy/control.js";
import { listDeployments } from "../../deploy/deployment.js";
import type { StepwellError } from "../../errors/stepwell-error.js";
import { livesStill } from "../../home/daemon-process.js";
import { readEndpoint } from "../../home/endpoint.js";
import { refuseNetworkFileSystem } from "../../home/file-system.js";
import { isSameFolder } from "../../home/home-identity.js";
import { openingOf } from "../../home/open-home.js";
import { dumpsMemory } from "../../home/private-memory.js";
import { spawnLockHolder } from "../../home/spawn-lock.js";
import { failedCheck, faultCheck, type HomeCheck, okCheck, warnCheck } from "../../model/home-check.js";
import { shellWord } from "../../model/shell-word.js";
import { VERSION } from "../../model/version.js";
import type { Context } from "../context.js";
import type { Connection } from "../daemon/find-daemon.js";
import { worksTogether } from "../daemon/version-rule.js";

/** The oldest Node.js that works: package.json's engines. */
const NODE_MIN = [20, 19] as const;

/** Looks at the machine and the home; `found` is the daemon that answers, `refusal` why it was not spoken to. */
export async function homeChecks(
  context: Context,
  found: Connection | undefined,
  refusal: StepwellError | undefined,
): Promise<HomeCheck[]> {
  return [
    nodeCheck(process.versions.node),
    await homeCheck(context),
    await fileSystemCheck(context, found !== undefined),
    refusal ? faultCheck("daemon", "failed", refusal) : daemonCheck(context, found),
    ...(found ? [memoryCheck(found)] : []),
    spawnLockCheck(context),
    ...deploymentChecks(context),
  ];
}

/** A deployment that is not there for nobody's wish, as after a reboot. */
function deploymentChecks({ paths }: Context): HomeCheck[] {
  return listDeployments(paths).flatMap(({ name, provider }) => {
    if (provider !== "local" || !standingOf(paths, name).hasDied) return [];
    const finding = `Its servers ended without being told to, as by a reboot.`;
    const remedy = `Begin it again: stepwell experiment-tracker deploy ${shellWord(name)}.`;
    return [warnCheck(`deployment ${name}`, finding, remedy)];
  });
}

/** Whether a version of Node.js is one that Stepwell runs on. */
export function nodeCheck(version: string): HomeCheck {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [majorMin, minorMin] = NODE_MIN;
  const check = "Node.js";
  if (major > majorMin || (major === majorMin && minor >= minorMin))
    return okCheck(check, `Version ${version}.`);
  const finding = `It is version ${version}, which is too old.`;
  return failedCheck(check, finding, `Install Node.js ${NODE_MIN.join(".")} or newer.`);
}

async function homeCheck({ paths: { home } }: Context): Promise<HomeCheck> {
  const check = "home";
  const remedy = "Set STEPWELL_HOME to a folder of your own on a local disk.";
  const stats = statSync(home, { throwIfNoEntry: false });
  if (!stats) {
    const [above, isWritable] = folderAbove(home);
    if (isWritable) return okCheck(check, `${home}, which is not made yet.`);
    return failedCheck(check, `${home} can't be made: ${above} can't be written to.`, remedy);
  }
  if (!stats.isDirectory()) return failedCheck(check, `${home} is no folder.`, remedy);
  try {
    accessSync(home, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return failedCheck(check, `${home} can't be written to.`, remedy);
  }
  const opening = await openingOf(home);
  if (opening) return faultCheck(check, "warn", opening);
  return okCheck(check, `${home}, yours alone.`);
}

/** What is there of a home's path, and whether this user can make a folder in it. */
function folderAbove(home: string): readonly [above: string, isWritable: boolean] {
  let above = dirname(home);
  while (!existsSync(above) && above !== dirname(above)) above = dirname(above);
  try {
    accessSync(above, constants.W_OK | constants.X_OK);
    return [above, statSync(above).isDirectory()];
  } catch {
    return [above, false];
  }
}

/** A daemon that runs on such a file system was told to. */
async function fileSystemCheck({ paths }: Context, isRunning: boolean): Promise<HomeCheck> {
  const check = "file system";
  try {
    await refuseNetworkFileSystem(paths.home, false);
    return okCheck(check, "A local one.");
  } catch (thrown) {
    return faultCheck(check, isRunning ? "warn" : "failed", thrown);
  }
}

function daemonCheck({ env, paths }: Context, found: Connection | undefined): HomeCheck {
  const check = "daemon";
  if (found) {
    const { pid, version, endpoint } = found.info;
    if (worksTogether(VERSION, version))
      return okCheck(check, `It answers (pid ${pid}, version ${version}).`);
    const finding = `It answers at ${endpoint} (pid ${pid}, version ${version}).`;
    const remedy = "Bring both to one version: stepwell daemon restart.";
    return failedCheck(check, `${finding} This command has version ${VERSION}.`, remedy);
  }
  const given = env["STEPWELL_ENDPOINT"];
  if (given) {
    const remedy = "Start the daemon that STEPWELL_ENDPOINT names, or unset it.";
    return failedCheck(check, `None answers at ${given}.`, remedy);
  }
  const listed = readEndpoint(paths);
  if (!listed) {
    if (!existsSync(paths.endpointFile)) return okCheck(check, "None runs; it starts when it is needed.");
    const finding = `${paths.endpointFile} can't be read.`;
    return warnCheck(check, finding, "Start it anew: stepwell daemon start.");
  }
  if (isSameFolder(listed.home, paths.home) && livesStill(listed)) {
    const finding = `Its process (pid ${listed.pid}) lives and does not answer.`;
    return failedCheck(
      check,
      finding,
      `If it stays so: kill -9 ${listed.pid}. Nothing acknowledged is lost.`,
    );
  }
  const finding = `None runs; the endpoint file is of one (pid ${listed.pid}) that did not end by itself.`;
  return warnCheck(check, finding, "Nothing is lost: stepwell daemon start replaces it.");
}

/** What becomes of its memory, and with it of secrets, if it breaks. */
function memoryCheck({ info: { pid } }: Connection): HomeCheck {
  const check = "the daemon's memory";
  switch (dumpsMemory(pid)) {
    case "no":
      return okCheck(check, "It stays private.");
    case "unknown":
      return okCheck(check, "This system does not tell.");
    case "yes": {
      const finding = "A core dump of the daemon would hold it, with the secrets in it.";
      return warnCheck(check, finding, "Start it anew: stepwell daemon restart.");
    }
  }
}

function spawnLockCheck({ paths }: Context): HomeCheck {
  const check = "spawn lock";
  const holder = spawnLockHolder(paths.spawnLockFile);
  if (!holder) return okCheck(check, "Free.");
  if (holder.isAlive) return okCheck(check, `Command ${holder.pid} starts the daemon.`);
  const finding = `It is of a command (pid ${holder.pid}) that is gone.`;
  return warnCheck(check, finding, "The next command that starts a daemon removes it.");
}
