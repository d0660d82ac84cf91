/** The clients of a torture whose home or store goes back: processes, each with a ledger of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { newId } from "../../src/model/id.js";
import { until } from "../support/until.js";
import { BranchLedger, type LoggedBatch } from "./branches.js";
import type { BranchPace, BranchTask } from "./clients/branch-client.js";
import type { Random } from "./random.js";
import type { Stage } from "./stage.js";

const CLIENT = fileURLToPath(new URL("./clients/branch-client.js", import.meta.url));
const END_MS_MAX = 300_000;
/** About 4,000 points a second. */
const PACE: BranchPace = { pauseMsMax: 120, pointsMax: 120 };
/** Runs that all clients log to. */
const SHARED_RUNS = 2;

/** One client process. */
export interface BranchClient {
  readonly branch: number;
  readonly ledger: BranchLedger;
  readonly process: ChildProcess;
}

export class BranchCrew {
  readonly #folder: string;
  readonly #random: Random;
  readonly #task: Pick<BranchTask, "tracker" | "sharedRuns" | keyof BranchPace>;
  readonly #all: BranchClient[] = [];
  readonly #faults: string[] = [];

  constructor(folder: string, random: Random, tracker: string, pace: BranchPace = PACE) {
    this.#folder = join(folder, "ledgers");
    this.#random = random;
    this.#task = { tracker, ...pace, sharedRuns: Array.from({ length: SHARED_RUNS }, newId) };
    mkdirSync(this.#folder);
  }

  /** Starts a client in a home. */
  start(stage: Stage, beginsRuns: boolean): BranchClient {
    const branch = this.#all.length;
    const ledger = join(this.#folder, String(branch).padStart(4, "0"));
    const seed = this.#random.between(1, 2 ** 31);
    const task: BranchTask = { ...this.#task, ledger, seed, branch, beginsRuns };
    const process_ = spawn(process.execPath, [CLIENT, JSON.stringify(task)], {
      env: stage.env,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const client = { branch, ledger: new BranchLedger(ledger, branch), process: process_ };
    this.#all.push(client);
    process_.once("exit", (code, signal) => {
      if (code !== 0 && signal !== "SIGKILL")
        this.#faults.push(`client ${branch} ended with ${signal ?? code}`);
    });
    return client;
  }

  /** Lets clients end well: what they logged is acknowledged when they have. */
  async end(clients: readonly BranchClient[]): Promise<void> {
    await Promise.all(clients.map((client) => this.#endOne(client)));
    this.check();
  }

  async kill(clients: readonly BranchClient[]): Promise<void> {
    await Promise.all(
      clients.map(async ({ process }) => {
        if (process.exitCode !== null || process.signalCode !== null) return;
        const ended = once(process, "exit");
        process.kill("SIGKILL");
        await ended;
      }),
    );
  }

  killAll(): void {
    for (const { process } of this.#all) process.kill("SIGKILL");
  }

  /** Throws what clients ended with that should not have. */
  check(): void {
    if (this.#faults.length > 0) throw new Error(this.#faults.join("; "));
  }

  /** Resolves once each of these clients has so many points more acknowledged. */
  async grow(clients: readonly BranchClient[], points: number): Promise<void> {
    const before = clients.map(({ ledger }) => ledger.acknowledgedPoints());
    const grown = () => clients.map(({ ledger }, at) => ledger.acknowledgedPoints() - (before[at] ?? 0));
    const isEnough = (each: readonly number[]) => each.every((count) => count >= points);
    await until("each client goes on", grown, isEnough, { withinMs: 300_000 });
    this.check();
  }

  batches(): LoggedBatch[] {
    return this.#all.flatMap(({ ledger }) => ledger.batches());
  }

  /** How long each ledger is. */
  marks(): number[] {
    return this.#all.map(({ ledger }) => ledger.lines());
  }

  async #endOne({ branch, process }: BranchClient): Promise<void> {
    if (process.exitCode !== null || process.signalCode !== null) return;
    const ended = once(process, "exit");
    process.kill("SIGTERM");
    const timer = new AbortController();
    const late = sleep(END_MS_MAX, "late", { signal: timer.signal }).catch(() => "");
    if ((await Promise.race([ended, late])) === "late") this.#faults.push(`client ${branch} did not end`);
    timer.abort();
  }
}
