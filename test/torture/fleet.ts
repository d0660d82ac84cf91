/** The client processes of a torture: they log all the time, and now and then one of them is killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { pythonCodeCache } from "../support/python-environment.js";
import type { ClientTask } from "./clients/driver.js";
import type { Random } from "./random.js";
import type { Stage } from "./stage.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const CLIENTS = fileURLToPath(new URL("./clients/", import.meta.url));
/** Clients wait up to 20 s for a flush before they look up. */
const END_WAIT_MS = 120_000;

/** A kind of client, and how many points a second one of it logs at most. */
export interface ClientKind {
  readonly name: "raw" | "typescript" | "python";
  readonly pointsPerSecond: number;
}

interface Client {
  readonly kind: ClientKind;
  readonly process: ChildProcess;
  readonly stderr: () => string;
}

export class Fleet {
  readonly #stage: Stage;
  readonly #folder: string;
  readonly #python: string;
  readonly #random: Random;
  readonly #clients: Client[] = [];
  readonly ledgers: string[] = [];
  /** Why clients ended that should not have. */
  readonly faults: string[] = [];
  kills = 0;

  /** Ledgers go to the folder; python is an interpreter that has the client's packages. */
  constructor(stage: Stage, folder: string, python: string, random: Random) {
    this.#stage = stage;
    this.#folder = folder;
    this.#python = python;
    this.#random = random;
  }

  start(kind: ClientKind): void {
    const ledger = join(this.#folder, `${String(this.ledgers.length).padStart(5, "0")}-${kind.name}`);
    appendFileSync(ledger, "");
    this.ledgers.push(ledger);
    const seed = this.#random.between(1, 2 ** 31);
    const task: ClientTask = { ledger, seed, pointsPerSecond: kind.pointsPerSecond };
    const [program, ...args] =
      kind.name === "python"
        ? [this.#python, join(ROOT, "test/torture/clients/python_client.py")]
        : [process.execPath, join(CLIENTS, `${kind.name}-client.js`)];
    const env = {
      ...this.#stage.env,
      PYTHONPATH: join(ROOT, "clients/python/src"),
      PYTHONPYCACHEPREFIX: pythonCodeCache(),
    };
    const child = spawn(program ?? "", [...args, JSON.stringify(task)], {
      env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-4_000);
    });
    const client = { kind, process: child, stderr: () => stderr };
    this.#clients.push(client);
    child.once("exit", (code, signal) => {
      // Told to end before it had begun, it had nothing to end well.
      const hadBegun = statSync(ledger).size > 0;
      if (code !== 0 && signal !== "SIGKILL" && (signal !== "SIGTERM" || hadBegun))
        this.faults.push(`${kind.name} ended with ${signal ?? code}: ${stderr}`);
    });
  }

  /** Kills one client and starts another one of its kind. */
  replaceOne(): void {
    const client = this.#random.pick(this.#clients);
    this.#clients.splice(this.#clients.indexOf(client), 1);
    client.process.kill("SIGKILL");
    this.kills += 1;
    this.start(client.kind);
  }

  /** Lets all clients end well: what they logged is acknowledged when they have. */
  async end(): Promise<void> {
    await Promise.all(this.#clients.map((client) => this.#endOne(client)));
  }

  /** Ends all at once, wherever they are. */
  kill(): void {
    for (const { process } of this.#clients) process.kill("SIGKILL");
  }

  async #endOne({ kind, process, stderr }: Client): Promise<void> {
    if (process.exitCode !== null || process.signalCode !== null) return;
    const ended = once(process, "exit");
    process.kill("SIGTERM");
    const timer = new AbortController();
    const late = sleep(END_WAIT_MS, "late", { signal: timer.signal }).catch(() => "");
    if ((await Promise.race([ended, late])) === "late") {
      this.faults.push(`${kind.name} did not end: ${stderr()}`);
      process.kill("SIGKILL");
    }
    timer.abort();
  }
}
