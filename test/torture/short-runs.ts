/**
 * Short runs by the thousand, while the daemon and the clients die: of every run that was acknowledged
 * the start, the param, the point and the end have to arrive, and nothing else.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { ShortRunTask } from "./clients/short-run-client.js";
import { BREAK_VARIABLE, HITS_VARIABLE, type KillPoint } from "./kill-point-names.js";
import { type Random, randomOf } from "./random.js";
import { checkShortRuns, readLedgers, type ShortRunsFinding } from "./short-runs-check.js";
import { type DaemonLife, Stage } from "./stage.js";

export interface ShortRunsOptions {
  readonly folder: string;
  readonly seed: number;
  /** It goes on until so many runs are acknowledged and so many deaths were died. */
  readonly runsMin: number;
  readonly daemonKillsMin: number;
  readonly clientKillsMin: number;
  /** A control: the daemon acknowledges what it has not written yet. */
  readonly isBroken?: boolean;
  readonly log: (line: string) => void;
}

export interface ShortRunsReport extends ShortRunsFinding {
  readonly daemonKills: number;
  readonly clientKills: number;
}

const CLIENT = fileURLToPath(new URL("./clients/short-run-client.js", import.meta.url));
const CLIENTS = 3;
const START_WAIT_MS = 60_000;
/** A life ends at its kill point, or after this. */
const LIFE_MS_MAX = 3_000;
const CLIENT_END_MS = 600_000;
/** Where short runs pass by: what begins and ends them, what acknowledges them, what takes them away. */
const POINTS: readonly KillPoint[] = [
  "run: before its start or end is on disk",
  "run: its start or end is on disk",
  "append: before",
  "append: written, not synced",
  "append: synced, not acknowledged",
  "ack: before it is written",
  "commit: before",
  "commit: after",
  "pack: answered, not settled",
  "archive: before",
  "archive: after",
];
/** Where the control dies: what is to be written is acknowledged by then. */
const BROKEN_POINT: KillPoint = "append: before";
const HITS_MAX = 30;

/** Rejects when a daemon does not start again, or a client ends by itself. */
export async function tortureShortRuns(options: ShortRunsOptions): Promise<ShortRunsReport> {
  const campaign = new Campaign(options);
  try {
    return await campaign.run();
  } finally {
    campaign.end();
  }
}

class Campaign {
  readonly #options: ShortRunsOptions;
  readonly #stage: Stage;
  readonly #random: Random;
  readonly #ledgers: string[] = [];
  readonly #clients: ChildProcess[] = [];
  readonly #faults: string[] = [];
  #daemon: DaemonLife | undefined;
  #daemonKills = 0;
  #clientKills = 0;

  constructor(options: ShortRunsOptions) {
    this.#options = options;
    this.#stage = new Stage(join(options.folder, "home"));
    this.#random = randomOf(options.seed, "short runs");
    mkdirSync(join(options.folder, "ledgers"));
  }

  async run(): Promise<ShortRunsReport> {
    const first = await this.#stage.startDaemon();
    await this.#stage.registerTrackers();
    await first.stop();
    while (this.#clients.length < CLIENTS) this.#startClient();
    while (!this.#isEnough()) {
      await this.#live();
      if (this.#clientKills < this.#daemonKills && !this.#isEnoughOfClients()) await this.#killClient();
      if (this.#faults.length > 0) throw new Error(this.#faults.join("; "));
    }
    const last = await this.#stage.startDaemon();
    this.#daemon = last;
    await this.#endClients();
    await this.#stage.here("flush", "--timeout=250");
    await last.stop();
    const finding = checkShortRuns(this.#stage.databases, this.#ledgers);
    return { ...finding, daemonKills: this.#daemonKills, clientKills: this.#clientKills };
  }

  /** Ends every process that is left. */
  end(): void {
    this.#daemon?.kill();
    for (const client of this.#clients) client.kill("SIGKILL");
  }

  #isEnough(): boolean {
    const { runsMin, daemonKillsMin } = this.#options;
    if (this.#daemonKills < daemonKillsMin || !this.#isEnoughOfClients()) return false;
    const { acknowledged } = readLedgers(this.#ledgers);
    this.#options.log(`${acknowledged.size} runs, ${this.#daemonKills} daemons killed`);
    return acknowledged.size >= runsMin;
  }

  #isEnoughOfClients(): boolean {
    return this.#clientKills >= this.#options.clientKillsMin;
  }

  /** One life of a daemon, from its start to a kill. */
  async #live(): Promise<void> {
    const { folder, isBroken } = this.#options;
    const hits = { [HITS_VARIABLE]: join(folder, "hits") };
    this.#daemon = this.#stage.spawnDaemon(isBroken ? { ...hits, [BREAK_VARIABLE]: "acks" } : hits);
    const any = this.#random.chance(0.8) ? this.#random.pick(POINTS) : "";
    const point = isBroken ? BROKEN_POINT : any;
    this.#daemon.begin(point ? `${this.#random.between(1, HITS_MAX)} ${point}` : "");
    const serves = await this.#daemon.serves(START_WAIT_MS);
    if (serves) await this.#daemon.endsWithin(this.#random.between(LIFE_MS_MAX / 3, LIFE_MS_MAX));
    else if (!this.#daemon.hasEnded) throw new Error("a daemon did not start");
    this.#daemon.kill();
    await this.#daemon.ended;
    if (this.#daemon.end !== "SIGKILL") throw new Error(`a daemon ended with ${this.#daemon.end}`);
    this.#daemonKills += 1;
  }

  #startClient(): void {
    const ledger = join(this.#options.folder, "ledgers", String(this.#ledgers.length));
    this.#ledgers.push(ledger);
    const task: ShortRunTask = { ledger, seed: this.#random.between(1, 2 ** 31) };
    const client = spawn(process.execPath, [CLIENT, JSON.stringify(task)], {
      env: this.#stage.env,
      stdio: ["ignore", "ignore", "inherit"],
    });
    this.#clients.push(client);
    client.once("exit", (code, signal) => {
      if (code !== 0 && signal !== "SIGKILL") this.#faults.push(`a client ended with ${signal ?? code}`);
    });
  }

  /** Kills a client in the middle of what it does; another one takes its place. */
  async #killClient(): Promise<void> {
    const [client] = this.#clients.splice(this.#random.between(0, CLIENTS - 1), 1);
    if (!client) return;
    const ended = once(client, "exit");
    client.kill("SIGKILL");
    await ended;
    this.#clientKills += 1;
    this.#startClient();
  }

  async #endClients(): Promise<void> {
    const ended = Promise.all(this.#clients.map((client) => once(client, "exit")));
    for (const client of this.#clients) client.kill("SIGTERM");
    await Promise.race([ended, sleep(CLIENT_END_MS, undefined, { ref: false })]);
    if (this.#faults.length > 0) throw new Error(this.#faults.join("; "));
  }
}
