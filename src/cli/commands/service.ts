/** `daemon install` and `daemon uninstall`: the daemon under the system's service manager. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { homeOf } from "../../home/endpoint.js";
import { replaceFile } from "../../home/replace-file.js";
import { userFolder, userId } from "../../home/user.js";
import { shellWord } from "../../model/shell-word.js";
import type { Context } from "../context.js";
import { type Service, serviceOf } from "../daemon/service-file.js";
import { daemonCommand, environmentOfDaemon } from "../daemon/spawn.js";
import { stop } from "./daemon.js";
import { missingProgram } from "./find-program.js";

/** Options of both. */
export interface ServiceOptions {
  readonly dryRun?: true;
}

const LASTING =
  /^(?:STEPWELL_\w+|PATH|TZ|LANG|LANGUAGE|LC_\w+|TMPDIR|XDG_DATA_HOME|DATABRICKS_CONFIG_FILE|MALLOC_ARENA_MAX)$/;
/** How long a manager may take: it waits for the daemon. */
const MANAGER_MS_MAX = 60_000;
/** A daemon that runs already gives way to the service's. */
const DRAIN_SECONDS = 10;

/** Writes the service's file and has its manager start it, now and at each login. */
export async function install(context: Context, { dryRun }: ServiceOptions): Promise<number> {
  const service = serviceHere(context);
  if (dryRun) return tell(context, service, service.install, service.text);
  needManager(context, service);
  await mkdir(dirname(service.path), { recursive: true });
  await replaceFile(service.path, service.text);
  await stop(context, { timeout: DRAIN_SECONDS });
  for (const line of service.install) call(context, line);
  context.stderr(`Installed ${service.name}: the daemon runs now, and from each login on.\n`);
  if (service.withoutLogin !== undefined)
    context.stderr(`To have it run without a login, and after it: ${service.withoutLogin}\n`);
  return EXIT.ok;
}

/** Ends the service and removes its file. */
export async function uninstall(context: Context, { dryRun }: ServiceOptions): Promise<number> {
  const service = serviceHere(context);
  if (!existsSync(service.path)) {
    context.stderr(`No service of this home is installed (${shellWord(service.path)}).\n`);
    return EXIT.ok;
  }
  if (dryRun) return tell(context, service, service.uninstall, undefined);
  needManager(context, service);
  for (const line of service.uninstall) call(context, line);
  await rm(service.path, { force: true });
  context.stderr(
    `Removed ${service.name}. What waits stays in the home; the next program that logs starts a daemon.\n`,
  );
  return EXIT.ok;
}

function serviceHere(context: Context): Service {
  const { env, paths } = context;
  // Files of root's in the user's folder, and a manager that sudo does not reach.
  if (userId() === 0 && env["SUDO_UID"] !== undefined)
    throw new StepwellError(
      "STEPWELL_SERVICE_FOREIGN",
      "Under sudo the service would be root's, for root's home.",
    );
  const { STEPWELL_HOME: _, ...elsewhere } = env;
  const folder = env["HOME"] || userFolder();
  const service = folder
    ? serviceOf({
        platform: process.platform,
        userFolder: folder,
        configFolder: env["XDG_CONFIG_HOME"] || join(folder, ".config"),
        userId: userId() ?? 0,
        home: paths.home,
        isUsualHome: homeOf(elsewhere).home === paths.home,
        command: daemonCommand([]),
        env: lasting(environmentOfDaemon(env, paths)),
      })
    : undefined;
  if (service) return service;
  throw new StepwellError(
    "STEPWELL_SERVICE_UNMANAGED",
    "There is no service manager here that Stepwell knows.",
  );
}

/** What is not of this login alone, and is not set by the manager itself. */
function lasting(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => LASTING.test(name)));
}

function needManager({ env }: Context, { install: [first = []] }: Service): void {
  const [program = ""] = first;
  if (missingProgram(program, env) === undefined) return;
  throw new StepwellError("STEPWELL_SERVICE_UNMANAGED", `There is no ${program} on the PATH.`);
}

function tell(
  { stdout }: Context,
  { path }: Service,
  lines: readonly (readonly string[])[],
  text: string | undefined,
): number {
  stdout(
    text === undefined ? `Would remove ${shellWord(path)}\n` : `Would write ${shellWord(path)}:\n\n${text}\n`,
  );
  stdout(`Would type:\n${lines.map((words) => `  ${words.map(shellWord).join(" ")}\n`).join("")}`);
  return EXIT.ok;
}

function call({ env }: Context, [program = "", ...args]: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, args, {
    encoding: "utf8",
    env: { ...env },
    timeout: MANAGER_MS_MAX,
  });
  if (status === 0) return;
  const said = (stderr || error?.message || `it ended with ${status}`).trim();
  throw new StepwellError("STEPWELL_SERVICE_FAILED", `${[program, ...args].join(" ")} failed: ${said}`);
}
