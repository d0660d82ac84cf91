/** A PostgreSQL on this machine: what `integration install postgresql` brought, or one that is there. */
import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Environment } from "../../home/endpoint.js";

/** What is installed beside MLflow: PostgreSQL's programs (14 MB), and MLflow's driver for it. */
export const POSTGRES_PACKAGES = ["embedded-postgres==18.6.3", "psycopg2-binary==2.9.13"] as const;
export const POSTGRES_MODULES = ["embedded_postgres", "psycopg2"] as const;

const PROBE = `
import importlib.util, os
found = importlib.util.find_spec("embedded_postgres")
if found: print(os.path.join(os.path.dirname(found.origin), "pginstall", "bin"))
`;
const PROBE_MS_MAX = 60_000;
/** Where Debian has each version's. */
const DEBIAN = "/usr/lib/postgresql";
const PROGRAMS = ["initdb", "postgres", "pg_ctl"];

/** The folder of its programs: of one beside MLflow first, then on the PATH, then Debian's newest. Undefined where there is none. */
export async function findPostgres(interpreter: string, env: Environment): Promise<string | undefined> {
  const own = await besideMlflow(interpreter, env);
  const onPath = (env["PATH"] ?? "").split(delimiter);
  return [...(own === undefined ? [] : [own]), ...onPath, ...debians()].find(hasPrograms);
}

/** Whether a folder has what a server needs. */
export function hasPrograms(folder: string): boolean {
  const end = process.platform === "win32" ? ".exe" : "";
  return folder !== "" && PROGRAMS.every((name) => existsSync(join(folder, `${name}${end}`)));
}

function besideMlflow(interpreter: string, env: Environment): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = { timeout: PROBE_MS_MAX, env: { ...env } };
    execFile(interpreter, ["-c", PROBE], options, (error, stdout) =>
      resolve(error ? undefined : stdout.trim() || undefined),
    );
  });
}

function debians(): string[] {
  try {
    const versions = readdirSync(DEBIAN).sort((one, other) => Number(other) - Number(one));
    return versions.map((version) => join(DEBIAN, version, "bin"));
  } catch {
    // No Debian, or none is installed.
    return [];
  }
}
