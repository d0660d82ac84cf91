/** A real `mlflow server` for a test file, in a folder of its own. */
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestFn } from "ava";
import { freePort } from "./free-port.js";
import { hasPython, MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "./python-environment.js";
import { placeEmptyDatabase, runWarm, type WarmScript } from "./warm-mlflow.js";

/** How a server is started. */
export interface MlflowServerOptions {
  /** SQLAlchemy's URI of its database, or "files"; a SQLite file of its own unless given. */
  readonly store?: string;
  /** Processes that answer; one unless given. */
  readonly workers?: number;
  /** Whether it has workspaces. */
  readonly workspaces?: true;
  /** With these it asks for them. */
  readonly user?: MlflowUser;
}

/** Who may use a server. */
export interface MlflowUser {
  readonly username: string;
  readonly password: string;
}

/** The command with one process instead of two, and forks for workers. */
const SCRIPT = "test/support/serve_mlflow.py";
/** Servers import for a minute where other tests keep the processors. */
const START_MS_MAX = 240_000;

export class MlflowServer {
  readonly url: string;
  readonly #folder: string;
  readonly #start: () => Promise<WarmScript>;
  #process: WarmScript | undefined;
  #notes = "";

  private constructor(url: string, folder: string, start: () => Promise<WarmScript>) {
    this.url = url;
    this.#folder = folder;
    this.#start = start;
  }

  /** Starts one and resolves when it answers. */
  static async start(options: MlflowServerOptions = {}): Promise<MlflowServer> {
    const folder = await mkdtemp(join(tmpdir(), "stepwell-test-"));
    const port = await freePort();
    const { store = `sqlite:///${folder}/mlflow.db`, workers = 1, user, workspaces } = options;
    if (options.store === undefined) await placeEmptyDatabase(join(folder, "mlflow.db"));
    const uri = store === "files" ? `file://${folder}/mlruns` : store;
    const args = ["--backend-store-uri", uri, "--port", String(port), "--workers", String(workers)];
    args.push("--artifacts-destination", join(folder, "artifacts"));
    if (workspaces) args.push("--enable-workspaces");
    const env: Record<string, string | undefined> = {
      ...process.env,
      MLFLOW_ALLOW_FILE_STORE: "true",
      MLFLOW_DISABLE_TELEMETRY: "true",
      MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false",
    };
    if (user) {
      args.push("--app-name", "basic-auth");
      env["MLFLOW_AUTH_CONFIG_PATH"] = await authConfig(folder, user);
      env["MLFLOW_FLASK_SERVER_SECRET_KEY"] = "of-a-test";
    }
    const server = new MlflowServer(`http://127.0.0.1:${port}`, folder, () =>
      runWarm([SCRIPT, ...args], env, folder),
    );
    await server.restart();
    return server;
  }

  /** Starts it again on its old port, and resolves when it answers. */
  async restart(): Promise<void> {
    const started = await this.#start();
    this.#process = started;
    started.stream.on("data", (bytes: Buffer) => {
      this.#notes = (this.#notes + String(bytes)).slice(-20_000);
    });
    for (let waitedMs = 0; waitedMs < START_MS_MAX && !started.stream.destroyed; waitedMs += 100) {
      if (await this.#answers()) return;
      await sleep(100);
    }
    throw new Error(`mlflow server does not answer:\n${this.#notes}`);
  }

  /** The same for one that was killed; one that runs goes on. */
  async restartIfKilled(): Promise<void> {
    if (this.#process === undefined) await this.restart();
  }

  /** Stops it where it is: connections are still made, and nothing answers. */
  pause(): void {
    this.#signal("SIGSTOP");
  }

  /** Lets it go on. */
  resume(): void {
    this.#signal("SIGCONT");
  }

  /** Ends it and its workers at once, as a power cut does. */
  async kill(): Promise<void> {
    const started = this.#process;
    this.#process = undefined;
    if (!started || started.stream.destroyed) return;
    const closed = once(started.stream, "close");
    process.kill(-started.pid, "SIGKILL");
    await closed;
  }

  /** Ends it and removes its folder. */
  async remove(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** The group of its processes, while it runs. */
  get processGroup(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error("mlflow server does not run");
    return pid;
  }

  /** The last that it said. */
  get notes(): string {
    return this.#notes.slice(-4_000);
  }

  #signal(signal: NodeJS.Signals): void {
    process.kill(-this.processGroup, signal);
  }

  async #answers(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/health`, { signal: AbortSignal.timeout(2_000) })).ok;
    } catch {
      return false;
    }
  }
}

async function authConfig(folder: string, { username, password }: MlflowUser): Promise<string> {
  const path = join(folder, "auth.ini");
  const lines = [
    "[mlflow]",
    "default_permission = READ",
    `database_uri = sqlite:///${folder}/auth.db`,
    `admin_username = ${username}`,
    `admin_password = ${password}`,
    "authorization_function = mlflow.server.auth:authenticate_request_basic_auth",
  ];
  await writeFile(path, `${lines.join("\n")}\n`, { mode: 0o600 });
  return path;
}

/** One server for all tests of a file, started before them and removed after them. Without a Python there is none. */
export function serverForAll(
  test: TestFn,
  options: () => Promise<MlflowServerOptions> | MlflowServerOptions = () => ({}),
): () => MlflowServer {
  const servers: MlflowServer[] = [];
  test.before(async (t) => {
    t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
    if (hasPython(MLFLOW_3)) servers.push(await MlflowServer.start(await options()));
  });
  test.after.always(async () => {
    for (const server of servers) await server.remove();
  });
  return () => {
    const [server] = servers;
    if (!server) throw new Error("there is no mlflow server");
    return server;
  };
}
