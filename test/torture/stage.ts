/** A home for the torture: the real daemon with kill points before its program, and the real command. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type HomePaths, homeOf, readEndpoint } from "../../src/home/endpoint.js";
import { runHere } from "../support/command-here.js";
import { daemonWords } from "../support/daemon-words.js";
import { oneFileDaemon } from "../support/one-file-daemon.js";
import { until } from "../support/until.js";

const BUILD = fileURLToPath(new URL("../../", import.meta.url));
const COMMAND = join(BUILD, "stepwell.js");
const DAEMON = await oneFileDaemon("test/torture/mortal-main.ts");
const START_WAIT_MS = 60_000;

/** A tracker's name and its database. */
export type Databases = Readonly<Record<string, string>>;

export class Stage {
  readonly paths: HomePaths;
  readonly env: Readonly<Record<string, string>>;
  readonly databases: Databases;

  /** More environment is for the daemons. */
  constructor(home: string, environment: Readonly<Record<string, string | undefined>> = process.env) {
    const inherited = Object.entries(environment).filter(
      (pair): pair is [string, string] => pair[1] !== undefined && !pair[0].startsWith("STEPWELL_"),
    );
    this.env = { ...Object.fromEntries(inherited), STEPWELL_HOME: home, STEPWELL_AUTOSTART: "0" };
    this.paths = homeOf(this.env);
    const first = join(this.paths.artifactStoreFolder, "mlflow.db");
    this.databases = { first, second: join(home, "second", "mlflow.db") };
  }

  /** Runs the command in this process, which costs a tenth; rejects when it exits with another code than 0. */
  async here(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await runHere(args, this.env);
    if (code === 0) return stdout;
    throw new Error(`stepwell ${args.join(" ")} exited with ${code}: ${stdout} ${stderr}`);
  }

  /** The same in a process of its own, with all that the environment does to one. */
  async command(...args: string[]): Promise<string> {
    const options = { env: this.env, timeout: 300_000, maxBuffer: 1 << 26 };
    return await new Promise((resolve, reject) => {
      execFile(process.execPath, [COMMAND, ...args], options, (error, stdout, stderr) => {
        if (error) reject(new Error(`stepwell ${args.join(" ")}: ${error.message} ${stdout} ${stderr}`));
        else resolve(stdout);
      });
    });
  }

  /** Makes a daemon's process, with all loaded; its life begins when it is told so. */
  spawnDaemon(more: Readonly<Record<string, string>> = {}): DaemonLife {
    mkdirSync(dirname(this.paths.logFile), { recursive: true, mode: 0o700 });
    const log = openSync(this.paths.logFile, "a", 0o600);
    const child = spawn(process.execPath, daemonWords(DAEMON), {
      env: { ...this.env, ...more },
      stdio: ["pipe", log, log],
    });
    closeSync(log);
    return new DaemonLife(this.paths, child);
  }

  /** Starts a daemon and resolves once it serves. */
  async startDaemon(more: Readonly<Record<string, string>> = {}): Promise<DaemonLife> {
    const life = this.spawnDaemon(more);
    life.begin("");
    if (await life.serves(START_WAIT_MS)) return life;
    life.kill();
    throw new Error(`the daemon did not start: it ended with ${life.end}; see ${this.paths.logFile}`);
  }

  /** Registers the trackers with a daemon that runs. */
  async registerTrackers(): Promise<void> {
    await this.here("experiment-tracker", "register", "first", "--flavor=mlflow");
    const uri = `--tracking_uri=sqlite:///${this.databases["second"]}`;
    await this.here("experiment-tracker", "register", "second", "--flavor=mlflow", uri);
  }
}

/** One daemon process from its start to its death. */
export class DaemonLife {
  readonly ended: Promise<void>;
  readonly #paths: HomePaths;
  readonly #child: ChildProcess;
  #hasEnded = false;
  #end = "nothing";

  constructor(paths: HomePaths, child: ChildProcess) {
    this.#paths = paths;
    this.#child = child;
    this.ended = once(child, "exit").then(([code, signal]) => {
      this.#hasEnded = true;
      this.#end = String(signal ?? code);
    });
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** What it ended with: a signal or an exit code. */
  get end(): string {
    return this.#end;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Holds every thread of it where it is, until it is thawed; what its files are then, a snapshot has. */
  async freeze(): Promise<void> {
    this.#child.kill("SIGSTOP");
    await until("all threads of the daemon stand still", () => threadStates(this.pid), areStopped);
  }

  thaw(): void {
    this.#child.kill("SIGCONT");
  }

  /** Lets it begin, armed with a kill point as "hits point" or with none. */
  begin(armed: string): void {
    this.#child.stdin?.end(`${armed}\n`);
  }

  /** Resolves once it serves, or to false when it ends or does not before the deadline. */
  async serves(timeoutMs: number): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    while (!this.#hasEnded && performance.now() < deadline) {
      if (readEndpoint(this.#paths)?.pid === this.#child.pid) return true;
      await sleep(5);
    }
    return false;
  }

  /** Resolves to whether it ended by itself before the deadline. */
  async endsWithin(timeoutMs: number): Promise<boolean> {
    const timer = new AbortController();
    await Promise.race([
      this.ended,
      sleep(timeoutMs, undefined, { signal: timer.signal }).catch(() => undefined),
    ]);
    timer.abort();
    return this.#hasEnded;
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Ends it well. */
  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.ended;
  }
}

/** The states of a process's threads, where the system shows them. */
function threadStates(pid: number): string[] {
  const tasks = `/proc/${pid}/task`;
  if (!existsSync(tasks)) return [];
  return readdirSync(tasks).map((task) => {
    const stat = readFileSync(`${tasks}/${task}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
  });
}

function areStopped(states: readonly string[]): boolean {
  return states.every((state) => state === "T");
}
