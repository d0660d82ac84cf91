/**
 * Clients of the gateway log by HTTP and put artifacts, while the daemon is killed, they die themselves, and the
 * tracker's server goes away: of what was answered all has to arrive, in its order, and nothing else.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gatewayAddressIn } from "../support/gateway-address.js";
import type { GatewayTask } from "./clients/gateway-client.js";
import { answeredIn, checkGateway, type GatewayFinding } from "./gateway-check.js";
import type { GatewayServer } from "./gateway-server.js";
import { BREAK_VARIABLE, GATEWAY_POINTS, HITS_VARIABLE, type KillPoint } from "./kill-point-names.js";
import { type Random, randomOf } from "./random.js";
import { type DaemonLife, Stage } from "./stage.js";

export interface GatewayModeOptions {
  readonly folder: string;
  readonly seed: number;
  readonly server: GatewayServer;
  readonly daemonKillsMin: number;
  /** And it goes on until so much was answered; 1 without it. */
  readonly answeredMin?: number;
  /** A control: the daemon answers what it has not written yet. */
  readonly isBroken?: boolean;
  readonly log: (line: string) => void;
}

export interface GatewayModeReport extends GatewayFinding {
  readonly daemonKills: number;
  readonly clientKills: number;
}

const CLIENT = fileURLToPath(new URL("./clients/gateway-client.js", import.meta.url));
const CLIENTS = 2;
const START_WAIT_MS = 60_000;
const LIFE_MS_MAX = 3_000;
const CLIENT_END_MS = 120_000;
const HITS_MAX = 10;
/** A control's daemons die at their moment, however late that comes: what they lose hangs on it. */
const BROKEN_LIFE_MS_MAX = 120_000;
const BROKEN_HITS_MIN = 3;
/** How many times as many daemons as are asked for may die until so much was answered. */
const LIVES_SHARE_MAX = 5;
const AWAY_SHARE = 0.4;
const CLIENT_DEATHS = 0.3;
const BROKEN_POINT: KillPoint = "append: before";

/** Rejects when a daemon does not start again, or a client ends by itself. */
export async function tortureGateway(options: GatewayModeOptions): Promise<GatewayModeReport> {
  const campaign = new Campaign(options);
  try {
    return await campaign.run();
  } finally {
    campaign.end();
  }
}

class Campaign {
  readonly #options: GatewayModeOptions;
  readonly #stage: Stage;
  readonly #random: Random;
  readonly #ledgers: string[] = [];
  readonly #clients: ChildProcess[] = [];
  readonly #faults: string[] = [];
  #uri = "";
  #daemon: DaemonLife | undefined;
  #daemonKills = 0;
  #clientKills = 0;

  constructor(options: GatewayModeOptions) {
    this.#options = options;
    this.#stage = new Stage(join(options.folder, "home"));
    this.#random = randomOf(options.seed, "gateway");
    mkdirSync(join(options.folder, "ledgers"));
  }

  async run(): Promise<GatewayModeReport> {
    const { server, daemonKillsMin, answeredMin = 1 } = this.#options;
    await this.#setUp();
    // On a busy machine the first daemons would die before a client has imported anything.
    while (this.#clients.length < CLIENTS) await this.#startClient();
    while (
      this.#daemonKills < daemonKillsMin ||
      (answeredIn(this.#ledgers) < answeredMin && this.#daemonKills < LIVES_SHARE_MAX * daemonKillsMin)
    ) {
      await this.#live();
      if (this.#faults.length > 0) throw new Error(this.#faults.join("; "));
    }
    server.isAway = false;
    this.#daemon = await this.#stage.startDaemon();
    await this.#endClients();
    const flushed = this.#stage.here("flush", "--timeout=250");
    // Where the beginning of a model was lost, what was said of it is a dead letter.
    await (this.#options.isBroken ? flushed.catch(() => undefined) : flushed);
    await this.#daemon.stop();
    const finding = checkGateway(server, this.#ledgers);
    return { ...finding, daemonKills: this.#daemonKills, clientKills: this.#clientKills };
  }

  /** Ends every process that is left. */
  end(): void {
    this.#daemon?.kill();
    for (const client of this.#clients) client.kill("SIGKILL");
  }

  async #setUp(): Promise<void> {
    const first = await this.#stage.startDaemon();
    const uri = `--tracking_uri=${this.#options.server.url}`;
    const tracker = ["experiment-tracker", "register", "remote", "--flavor=mlflow", "--auth=none", uri];
    await this.#stage.here(...tracker);
    await this.#stage.here("stack", "register", "remote", "-e", "remote", "--set");
    const printed = await this.#stage.here("env");
    this.#uri = gatewayAddressIn(printed);
    await first.stop();
  }

  /** One life of a daemon, from its start to a kill, with the server there or away. */
  async #live(): Promise<void> {
    const { folder, isBroken, server, log } = this.#options;
    server.isAway = !isBroken && this.#random.chance(AWAY_SHARE);
    const noted = { [HITS_VARIABLE]: join(folder, "hits") };
    const daemon = this.#stage.spawnDaemon(isBroken ? { ...noted, [BREAK_VARIABLE]: "acks" } : noted);
    this.#daemon = daemon;
    const point = isBroken ? BROKEN_POINT : this.#random.chance(0.8) ? this.#random.pick(GATEWAY_POINTS) : "";
    const hits = this.#random.between(isBroken ? BROKEN_HITS_MIN : 1, HITS_MAX);
    daemon.begin(point ? `${hits} ${point}` : "");
    if (await daemon.serves(START_WAIT_MS)) await this.#liveOn(daemon);
    else if (!daemon.hasEnded) throw new Error("a daemon did not start");
    daemon.kill();
    await daemon.ended;
    if (daemon.end !== "SIGKILL") throw new Error(`a daemon ended with ${daemon.end}`);
    this.#daemonKills += 1;
    log(`${this.#daemonKills} daemons killed`);
  }

  async #liveOn(daemon: DaemonLife): Promise<void> {
    const death = this.#random.chance(CLIENT_DEATHS) ? this.#killClient() : undefined;
    const lifeMs = this.#random.between(LIFE_MS_MAX / 3, LIFE_MS_MAX);
    await daemon.endsWithin(this.#options.isBroken ? BROKEN_LIFE_MS_MAX : lifeMs);
    await death;
  }

  /** Resolves once it begins to log. */
  async #startClient(): Promise<void> {
    const ledger = join(this.#options.folder, "ledgers", String(this.#ledgers.length));
    this.#ledgers.push(ledger);
    const task: GatewayTask = { ledger, seed: this.#random.between(1, 2 ** 31), uri: this.#uri };
    const client = spawn(process.execPath, [CLIENT, JSON.stringify(task)], {
      env: this.#stage.env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#clients.push(client);
    client.once("exit", (code, signal) => {
      if (code !== 0 && signal !== "SIGKILL") this.#faults.push(`a client ended with ${signal ?? code}`);
    });
    await Promise.race([once(client.stdout, "data"), once(client, "exit")]);
  }

  /** Kills a client in the middle of what it does; another one takes its place. */
  async #killClient(): Promise<void> {
    await sleep(this.#random.between(0, LIFE_MS_MAX / 3));
    const [client] = this.#clients.splice(this.#random.between(0, CLIENTS - 1), 1);
    if (!client) return;
    const ended = once(client, "exit");
    client.kill("SIGKILL");
    await ended;
    this.#clientKills += 1;
    await this.#startClient();
  }

  async #endClients(): Promise<void> {
    const ended = Promise.all(this.#clients.map((client) => once(client, "exit")));
    for (const client of this.#clients) client.kill("SIGTERM");
    const late = sleep(CLIENT_END_MS, "late", { ref: false });
    if ((await Promise.race([ended, late])) === "late") this.#faults.push("a client did not end");
    if (this.#faults.length > 0) throw new Error(this.#faults.join("; "));
  }
}
