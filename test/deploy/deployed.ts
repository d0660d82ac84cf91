/** What the tests of deployments ask of one. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { ROOT, type ScratchHome } from "../support/home.js";

export const DEPLOY = ["experiment-tracker", "deploy"];

/** One server of a deployment, as `deploy status` tells it. */
export interface ShownServer {
  readonly name: string;
  readonly state: string;
  readonly pid: number;
  readonly restarts: number;
}

export interface ShownDeployment {
  readonly state: string;
  readonly url: string;
  readonly pid: number | null;
  readonly folder: string;
  readonly servers: readonly ShownServer[];
}

export async function shown(home: ScratchHome, name: string): Promise<ShownDeployment> {
  return (await home.json([...DEPLOY, "status", name])) as ShownDeployment;
}

/** The values of the deployment's secret. */
export async function secretOf(home: ScratchHome, name: string): Promise<Readonly<Record<string, string>>> {
  return ((await home.json(["secret", "get", name, "--show"])) as { values: Record<string, string> }).values;
}

export async function trackerNames(home: ScratchHome): Promise<string[]> {
  return ((await home.json(["experiment-tracker", "list"])) as { name: string }[]).map(({ name }) => name);
}

/** Asks MLflow as its administrator. */
export async function asked(url: string, password: string, path: string): Promise<Response> {
  const authorization = `Basic ${Buffer.from(`admin:${password}`).toString("base64")}`;
  return await fetch(`${url}/api/2.0/mlflow/${path}`, { headers: { authorization } });
}

/** Every file below a folder. */
export function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
}

/** Runs the command as a user that is not root: root's own files are that user's in a namespace of its own. */
export async function stepwellAsUser(
  home: ScratchHome,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly said: string }> {
  const command = [process.execPath, join(ROOT, "build/stepwell.js"), ...args];
  const asUser = ["unshare", "--user", "--map-user=1000", "--map-group=1000"];
  const [program = "", ...words] = process.getuid?.() === 0 ? [...asUser, ...command] : command;
  const child = spawn(program, words, { env: home.env, stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit") as Promise<[number | null]>,
  ]);
  return { code, said: stdout + stderr };
}
