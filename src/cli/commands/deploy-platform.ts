/** `deploy` for anywhere but this machine: a folder, and with --apply the programs that carry it out. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Deployment, writeDeployment } from "../../deploy/deployment.js";
import { type ApplyStep, applySteps, programsOf } from "../../deploy/platform/apply-steps.js";
import type { Platform } from "../../deploy/platform/platform.js";
import { platformFiles } from "../../deploy/platform/platform-files.js";
import { platformOf } from "../../deploy/platform/platform-settings.js";
import { RELAY_PORT } from "../../deploy/platform/relay-manifests.js";
import type { Provider } from "../../deploy/providers.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { systemClock } from "../../home/clock.js";
import { shellWord } from "../../model/shell-word.js";
import type { Context } from "../context.js";
import type { Connection } from "../daemon/find-daemon.js";
import type { DeployPlace } from "./deploy-local.js";
import {
  checkNameFree,
  keepTracker,
  newPassword,
  relayTrackerOf,
  secretIn,
  serverPlace,
} from "./deploy-tracker.js";
import { missingProgram } from "./find-program.js";

/** What was asked for. */
export interface PlatformRequest {
  readonly name: string;
  readonly provider: Provider;
  readonly before: Deployment | undefined;
  readonly settings: Readonly<Record<string, string>>;
  /** Where it is written; undefined for a folder of its name here. */
  readonly folder: string | undefined;
  readonly apply: boolean;
}

const USERNAME = "admin";

/** Writes the folder, unless it was written before, and carries it out where that was asked for. */
export async function deployPlatform(place: DeployPlace, request: PlatformRequest): Promise<void> {
  const { context } = place;
  const deployment = request.before ?? newDeployment(request);
  const platform = platformOf(deployment);
  const folder = deployment.writtenTo;
  if (request.apply) refuseMissing(context, platform);
  if (!request.before) {
    await checkNameFree(place.connection, request.name);
    write(folder, platformFiles(platform));
    await writeDeployment(context.paths, deployment);
    const next = request.apply ? "" : " Nothing was applied.";
    context.stderr(`Wrote ${folder}: begin with its README.md.${next}\n`);
  }
  if (request.apply) await apply(place, platform, folder);
  else if (request.before) context.stderr(`${deployment.name} is in ${folder}; it is left as it is.\n`);
}

function newDeployment({ name, provider, settings, folder }: PlatformRequest): Deployment {
  return { name, provider, settings, writtenTo: resolve(folder ?? name), createdMs: systemClock.nowMs() };
}

/** Writes what is not there yet: what somebody has is never written over. */
function write(folder: string, files: Readonly<Record<string, string>>): void {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    const remedy = "Give an empty or a new one: --folder PATH.";
    throw new StepwellError("STEPWELL_DEPLOYMENT_INVALID", `There is something in ${folder} already.`, {
      remedy,
    });
  }
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { flag: "wx" });
  }
}

async function apply(
  { context, connection }: DeployPlace,
  platform: Platform,
  folder: string,
): Promise<void> {
  const { name, hostname, relayHostname } = platform;
  const values = await secretIn(connection, name, () => ({
    ...{ username: USERNAME, password: newPassword() },
    ...{ forms_key: newPassword(), relay_token: newPassword() },
  }));
  const { username = "", password = "", forms_key: formsKey = "", relay_token: relayToken = "" } = values;
  const steps = applySteps(platform, folder, { username, password, formsKey, relayToken });
  for (const step of steps) await carryOut(context, step);
  const notes = hostname === undefined ? [] : await keepServer(connection, name, hostname);
  const more = relayHostname === undefined ? [] : await keepRelay(connection, name, relayHostname);
  const where =
    hostname === undefined ? "its README.md says how it is reached" : `MLflow is at https://${hostname}`;
  for (const line of [`${name} is applied; ${where}.`, ...notes, ...more]) context.stderr(`${line}\n`);
}

function keepServer(connection: Connection, name: string, hostname: string): Promise<readonly string[]> {
  return keepTracker(connection, name, name, serverPlace(`https://${hostname}`));
}

async function keepRelay(connection: Connection, name: string, hostname: string): Promise<string[]> {
  const uri = `grpcs://${hostname}:${RELAY_PORT}`;
  const tracker = relayTrackerOf(name);
  await keepTracker(connection, tracker, name, { uri, credentials: { tracking_token: "relay_token" } });
  return [`The tracker ${tracker} delivers to the same database by its relays, at ${uri}.`];
}

/** Throws STEPWELL_TOOL_MISSING before anything is begun. */
function refuseMissing({ env }: Context, platform: Platform): void {
  const missing = programsOf(platform).filter((program) => missingProgram(program, env) !== undefined);
  if (missing.length === 0) return;
  throw new StepwellError("STEPWELL_TOOL_MISSING", `--apply needs ${missing.join(" and ")} on the PATH.`);
}

async function carryOut(context: Context, step: ApplyStep): Promise<void> {
  const { program, args, input, remedy, unless } = step;
  if (unless && (await run(context, program, unless, "")) === 0) return;
  const shown = [program, ...args].map(shellWord).join(" ");
  context.stderr(`$ ${shown}\n`);
  const code = await run(context, program, args, input);
  if (code === 0) return;
  const options = remedy === undefined ? {} : { remedy };
  throw new StepwellError("STEPWELL_TOOL_FAILED", `${shown} ended with ${code}.`, options);
}

/** Its exit code. What it says goes to stderr: answers alone are on stdout. */
function run(
  { env }: Context,
  program: string,
  args: readonly string[],
  input: string | undefined,
): Promise<number | string> {
  return new Promise((done) => {
    const stdin = input === undefined ? "inherit" : "pipe";
    const child = spawn(program, args, { env: { ...env }, stdio: [stdin, 2, 2] });
    child.once("error", ({ message }) => done(message));
    child.once("exit", (code, signal) => done(code ?? signal ?? "no code"));
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}
