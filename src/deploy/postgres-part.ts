/**
 * PostgreSQL of a deployment. It has no password and needs none: it listens at a socket in a folder of this user's alone, and at
 * no port. It ends in order on SIGINT; unlike the other servers it does not hear that its supervisor is gone, so that one
 * that was left is ended before another begins.
 */
import { execFile } from "node:child_process";
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { StepwellError } from "../errors/stepwell-error.js";
import type { Environment } from "../home/endpoint.js";
import type { Part } from "./part.js";

export interface PostgresPartOptions {
  /** The deployment's. */
  readonly folder: string;
  readonly env: Environment;
  /** Where its programs are. */
  readonly programs: string;
  /** Where its socket is to be; nobody else gets in there. */
  readonly socketFolder: string;
  /** What programs say. */
  readonly log: (line: string) => void;
}

const USER = "stepwell";
const DATABASE = "mlflow";
const END_MS_MAX = 60_000;
/** Making a database takes seconds; ending one that was left may have to write back what it has in memory. */
const STEP_MS_MAX = 120_000;
/** The line of postmaster.pid that says how the server is. */
const STATUS_LINE = 7;

/** The server, as the supervisor runs it. */
export function postgresPart(options: PostgresPartOptions): Part {
  const { folder, env, programs, socketFolder } = options;
  const data = dataOf(folder);
  return {
    name: "postgresql",
    prepare: async () => {
      if (existsSync(data)) await endLeft(options);
      else await makeData(options);
    },
    command: () => ({
      program: join(programs, "postgres"),
      args: [
        ...["-D", data, "-c", "listen_addresses=", "-c", `unix_socket_directories=${socketFolder}`],
        ...[
          "-c",
          "unix_socket_permissions=0700",
          "-c",
          "logging_collector=off",
          "-c",
          "log_destination=stderr",
        ],
      ],
      cwd: folder,
      env,
      input: "",
    }),
    answers: async () => isReady(data),
    endSignal: "SIGINT",
    endMsMax: END_MS_MAX,
  };
}

/** The database as MLflow takes it, and as a relay does. */
export function postgresUri(scheme: "postgresql" | "postgresql+psycopg2", socketFolder: string): string {
  return `${scheme}://${USER}@/${DATABASE}?host=${encodeURIComponent(socketFolder)}`;
}

function dataOf(folder: string): string {
  return join(folder, "postgresql");
}

/** Made beside its place: what was cut off is made anew. */
async function makeData(options: PostgresPartOptions): Promise<void> {
  const data = dataOf(options.folder);
  const draft = `${data}.new`;
  rmSync(draft, { recursive: true, force: true });
  const local = ["--auth-local=trust", "--auth-host=reject", "--encoding=UTF8", "--locale=C"];
  await run(options, "initdb", ["-D", draft, "-U", USER, ...local]);
  await run(options, "postgres", ["--single", "-D", draft, "postgres"], `CREATE DATABASE ${DATABASE};\n`);
  renameSync(draft, data);
}

async function endLeft(options: PostgresPartOptions): Promise<void> {
  const data = dataOf(options.folder);
  if (!existsSync(join(data, "postmaster.pid"))) return;
  // It fails where none lives: then the file is of one that was killed, and PostgreSQL knows that itself.
  await run(options, "pg_ctl", ["-D", data, "-m", "fast", "-w", "stop"]).catch(() => undefined);
}

function isReady(data: string): boolean {
  try {
    const lines = readFileSync(join(data, "postmaster.pid"), "utf8").split("\n");
    return lines[STATUS_LINE]?.trim() === "ready";
  } catch {
    return false;
  }
}

function run(
  { programs, folder, env, log }: PostgresPartOptions,
  program: string,
  args: readonly string[],
  input = "",
): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { cwd: folder, env: { ...env }, timeout: STEP_MS_MAX };
    const child = execFile(join(programs, program), args, options, (error, stdout, stderr) => {
      if (!error) return resolve();
      for (const line of `${stdout}${stderr}`.split("\n")) if (line !== "") log(line);
      const sentence = `PostgreSQL could not be made ready: ${program} failed.`;
      reject(new StepwellError("STEPWELL_DEPLOYMENT_FAILED", sentence, { cause: error }));
    });
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}
