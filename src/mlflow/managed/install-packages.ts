/** Packages into a virtual environment: by uv, which pip brings for the time it is needed, else by pip. */
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { StepwellError } from "../../errors/stepwell-error.js";
import type { Environment } from "../../home/endpoint.js";
import { uvSettings } from "./uv-settings.js";

/** What an installation works with. */
export interface Installer {
  /** The environment of the programs that it starts. */
  readonly env: Environment;
  /** Takes sentences for whoever waits. */
  readonly tell: (text: string) => void;
  /** Takes what the programs say. */
  readonly hear: (text: string) => void;
}

/** The version that is fetched. */
export const UV = "uv==0.13.9";
/** Compiling MLflow's 25,000 files takes a minute; Python compiles what it imports. */
export const PIP_INSTALL = ["install", "--disable-pip-version-check", "--no-input", "--no-compile"];
/** How long one step of an installation may take, on a slow network with a cold cache. */
const STEP_MS_MAX = 1_800_000;

/** An environment that packages go into. */
export interface Place {
  readonly folder: string;
  /** The environment's own Python. */
  readonly interpreter: string;
  /** A pip that installs into it: a program and its first words. */
  readonly pip: readonly [program: string, ...words: string[]];
}

/** Installs packages into an environment. Throws STEPWELL_INTEGRATION_FAILED. */
export async function installPackages(
  installer: Installer,
  place: Place,
  packages: readonly string[],
): Promise<void> {
  if (await tryUv(installer, place, packages)) return;
  await runPip(installer, place, [...PIP_INSTALL, ...packages]);
}

/** False where uv can't be had, must not be used or does not succeed: pip then tries and says what is wrong. */
async function tryUv(installer: Installer, place: Place, packages: readonly string[]): Promise<boolean> {
  const own = join(place.folder, "uv");
  const unheard = { ...installer, hear: () => undefined };
  try {
    const config = await runPip(unheard, place, ["config", "list"]);
    const settings = uvSettings(config);
    if (!settings) return false;
    const fetchUv = [...PIP_INSTALL, "--quiet", "--no-deps", "--retries", "1", "--target", own, UV];
    await runPip(unheard, place, fetchUv);
    const uv = join(own, "bin", process.platform === "win32" ? "uv.exe" : "uv");
    const env = { ...installer.env, ...settings };
    await run({ ...installer, env }, uv, [
      "pip",
      "install",
      "--no-config",
      "--python",
      place.interpreter,
      ...packages,
    ]);
    return true;
  } catch (error) {
    if (!(error instanceof StepwellError)) throw error;
    installer.tell("uv can't install them here; pip is asked instead.\n");
    return false;
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

async function runPip(
  installer: Installer,
  { pip: [program, ...words] }: Place,
  args: readonly string[],
): Promise<string> {
  return await run(installer, program, [...words, ...args]);
}

/**
 * Runs a program to its end; resolves to what it wrote to stdout.
 * Throws STEPWELL_INTEGRATION_FAILED.
 */
export async function run(
  { env, hear }: Installer,
  program: string,
  args: readonly string[],
): Promise<string> {
  const child = spawn(program, args, { env: { ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const timer = setTimeout(() => child.kill("SIGKILL"), STEP_MS_MAX);
  let answer = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    hear(text);
    answer = (answer + text).slice(-10_000);
  });
  child.stderr.setEncoding("utf8").on("data", hear);
  const ended = new Promise<string | undefined>((resolve) => {
    child.once("error", (error) => resolve(`did not start: ${error.message}`));
    child.once("close", (code) =>
      resolve(code === 0 ? undefined : code === null ? "was ended" : `ended with ${code}`),
    );
  });
  const fault = await ended.finally(() => clearTimeout(timer));
  if (fault === undefined) return answer;
  const step = args.slice(0, 3).join(" ");
  throw new StepwellError("STEPWELL_INTEGRATION_FAILED", `MLflow was not installed: ${step} ${fault}.`);
}
