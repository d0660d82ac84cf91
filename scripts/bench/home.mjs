/** A scratch home with a daemon that was started as users start it. */
import { execFile, spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { credentials } from "@grpc/grpc-js";
import { root } from "../install.mjs";

const { DaemonServiceClient } = await import("../../build/src/gen/stepwell/v1/daemon.js");
const { daemonCommand } = await import("../../build/src/cli/daemon/spawn.js");
const run = promisify(execFile);
const command = join(root, "build/stepwell.js");

export class BenchHome {
  /** More environment is for the daemon, too. */
  static async make(environment = {}) {
    const home = await BenchHome.#prepare(environment);
    await home.stepwell("daemon", "start");
    return home;
  }

  /** The same, with a daemon that says what its heap has (heap-probe.mjs). */
  static async makeProbed(environment = {}) {
    const home = await BenchHome.#prepare(environment);
    const [interpreter, ...words] = daemonCommand([]);
    const probe = ["--expose-gc", "--import", join(root, "scripts/bench/heap-probe.mjs")];
    const env = { ...home.env, STEPWELL_ALLOW_OPEN_PARENT: "1", MALLOC_ARENA_MAX: "1" };
    spawn(interpreter, [...probe, ...words], { env, stdio: "ignore" });
    for (const deadline = performance.now() + 60_000; !existsSync(join(home.folder, "endpoint.json")); ) {
      if (performance.now() > deadline) throw new Error("the daemon with a probe did not start");
      await sleep(50);
    }
    return home;
  }

  static async #prepare(environment) {
    const home = new BenchHome();
    home.folder = await mkdtemp(join(tmpdir(), "stepwell-bench-"));
    const inherited = Object.entries(process.env).filter(([name]) => !/^(STEPWELL|MLFLOW)_/.test(name));
    home.env = {
      ...Object.fromEntries(inherited),
      STEPWELL_HOME: home.folder,
      STEPWELL_COMMAND: `${process.execPath} ${command}`,
      ...environment,
    };
    return home;
  }

  /** Bytes that live in a probed daemon's heap and beside it, once all else was collected. */
  async liveBytes() {
    const file = join(this.folder, "heap-probe.json");
    rmSync(file, { force: true });
    process.kill(this.endpoint.pid, "SIGUSR2");
    for (const deadline = performance.now() + 60_000; !existsSync(file); ) {
      if (performance.now() > deadline) throw new Error("the daemon's probe does not answer");
      await sleep(20);
    }
    return JSON.parse(readFileSync(file, "utf8"));
  }

  async stepwell(...args) {
    const options = { env: this.env, maxBuffer: 1 << 26 };
    return (await run(process.execPath, [command, ...args], options)).stdout;
  }

  async run(program, ...args) {
    return (await run(program, args, { env: this.env, maxBuffer: 1 << 26, cwd: root })).stdout;
  }

  /** Without a process of its own, which would take a core from what is measured. */
  async status() {
    const authority = { "grpc.default_authority": "localhost" };
    const client = new DaemonServiceClient(this.endpoint.endpoint, credentials.createInsecure(), authority);
    try {
      const answer = await promisify(client.getStatus.bind(client))({});
      return answer.status;
    } finally {
      client.close();
    }
  }

  /** From now on lanes have somewhere to go. */
  async addTracker() {
    await this.stepwell("experiment-tracker", "register", "tracker", "--flavor=mlflow");
    await this.stepwell("stack", "register", "local", "-e", "tracker", "--set");
  }

  get endpoint() {
    return JSON.parse(readFileSync(join(this.folder, "endpoint.json"), "utf8"));
  }

  get database() {
    return join(this.folder, "artifact_stores/default/mlflow.db");
  }

  /** Memory of the daemon in MB, as Linux tells it. */
  memory() {
    const text = readFileSync(`/proc/${this.endpoint.pid}/status`, "utf8");
    const of = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? Number.NaN) / 1000;
    return { anonymous: of("RssAnon"), resident: of("VmRSS") };
  }

  /** The fields of /proc/PID/stat; the program's name holds no space. */
  statFields() {
    return readFileSync(`/proc/${this.endpoint.pid}/stat`, "utf8").split(" ");
  }

  /** Calls `look` about every so many ms until all is delivered; answers the seconds it took. */
  async untilDrained(look = () => undefined, everyMs = 250) {
    const begin = performance.now();
    for (;;) {
      look();
      if ((await this.status()).queuedPoints === 0n) return (performance.now() - begin) / 1000;
      await sleep(everyMs);
    }
  }

  /** Ends the daemon at once. */
  kill() {
    try {
      process.kill(this.endpoint.pid, "SIGKILL");
    } catch {
      // It has ended already.
    }
  }

  async remove() {
    this.kill();
    await sleep(100);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Gives a home to the work, and removes it afterwards. */
export async function withHome(work, environment) {
  const home = await BenchHome.make(environment);
  try {
    return await work(home);
  } finally {
    await home.remove();
  }
}
