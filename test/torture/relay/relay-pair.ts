/** Two relays behind one address, each on a machine of its own, which may be killed, stopped, cut off or of another version. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AUTHORITY, SERVER_CERT, SERVER_KEY } from "../../support/certificates.js";
import { oneFileDaemon } from "../../support/one-file-daemon.js";
import { type RelayProcess, startRelay } from "../../support/relay-process.js";
import { until } from "../../support/until.js";
import { type Target, Way } from "../../support/way.js";
import {
  BREAK_VARIABLE,
  HITS_VARIABLE,
  KILL_VARIABLE,
  type KillPoint,
  RELAY_END_POINTS,
  VERSION_VARIABLE,
} from "../kill-point-names.js";
import type { BrokenRelay } from "./broken-relay.js";
import { DATABASE_USER, type DatabasePair } from "./database-pair.js";
import { LINKS, type Link, newPlace, type Place } from "./network.js";

const PASSWORD_FILE = "database-password";
const TOKEN_FILE = "tokens";
const HITS_FILE = "relay-hits";
/** Streams are asked to go elsewhere again and again. */
const STREAM_AGE_SECONDS = 4;
/** And sooner where that is what is waited for. */
const ARMED_AGE_SECONDS = 1;
/** How long one may take to come to the moment at which it dies. */
const POINT_MS_MAX = 120_000;

export interface RelayPairOptions {
  readonly folder: string;
  readonly database: DatabasePair;
  readonly password: string;
  readonly token: string;
  /** A control. */
  readonly broken: BrokenRelay | undefined;
  readonly log: (line: string) => void;
}

/** One of the two. */
interface Seat {
  readonly place: Place;
  /** To the database. */
  readonly way: Way;
  relay: RelayProcess | undefined;
  /** Where it is, which does not change with its process. */
  target: Target;
  /** What its processes speak, as VERSION_VARIABLE has it; empty: what this version does. */
  version: string;
}

export class RelayPair {
  readonly #options: RelayPairOptions;
  readonly #ends: (() => unknown)[] = [];
  readonly #seats: Seat[] = [];
  readonly #logs: (() => string)[] = [];
  /** To both of them. */
  readonly way: Way;

  private constructor(options: RelayPairOptions, way: Way) {
    this.#options = options;
    this.way = way;
    this.#ends.push(() => way.close());
  }

  static async start(options: RelayPairOptions): Promise<RelayPair> {
    const pair = new RelayPair(options, await Way.start([]));
    pair.setPassword(options.password);
    pair.setToken(options.token);
    pair.#write("certificate.pem", SERVER_CERT);
    pair.#write("key.pem", SERVER_KEY);
    pair.#write("authority.pem", AUTHORITY);
    try {
      for (const index of [0, 1]) await pair.#add(index);
    } catch (error) {
      pair.end();
      throw error;
    }
    pair.aimAtAll();
    return pair;
  }

  /** What a tracker is registered with. */
  get tracker(): readonly [uri: string, ...settings: string[]] {
    const authority = join(this.#options.folder, "authority.pem");
    return [
      `grpcs://127.0.0.1:${this.way.port}`,
      `--tracking_token=${this.#options.token}`,
      `--tracking_server_cert_path=${authority}`,
    ];
  }

  /** What goes down where links do. */
  get links(): "of namespaces" | "a proxy's" {
    return this.#seats.every(({ place }) => place.set) ? "of namespaces" : "a proxy's";
  }

  setPassword(password: string): void {
    this.#write(PASSWORD_FILE, `${password}\n`);
  }

  setToken(token: string): void {
    this.#write(TOKEN_FILE, `${token}\n`);
  }

  /** One that has a stream of the daemon. */
  async busy(): Promise<number> {
    const streams = () => this.#seats.map(({ target }) => this.way.count(target));
    const found = await until("a relay has a stream", streams, (counts) => counts.some((count) => count > 0));
    return found[0] === 0 ? 1 : 0;
  }

  /** Kills one; its place is free until `revive`. */
  async kill(index: number): Promise<void> {
    await this.#seat(index).relay?.end("SIGKILL");
  }

  /** Tells one to end; resolves to what it ended with. */
  async finish(index: number): Promise<number | null> {
    return (await this.#seat(index).relay?.end("SIGTERM")) ?? null;
  }

  /** Another process at the place of one that is gone. */
  async revive(index: number): Promise<void> {
    await this.#start(index);
  }

  /** One ends in good order, and one of another version takes its place; a relay that comes later, too. */
  async setVersion(index: number, version: string): Promise<void> {
    this.#seat(index).version = version;
    await this.finish(index);
    await this.#start(index);
  }

  /** One that dies at a moment of its own while all streams are there. Answers whether it did. */
  async dieAt(index: number, point: KillPoint, hits: number): Promise<boolean> {
    const seat = this.#seat(index);
    await this.kill(index);
    const before = this.#hits();
    const relay = await this.#start(index, { [KILL_VARIABLE]: `${hits} ${point}` });
    this.way.aim([seat.target]);
    this.way.cut();
    const isEnd = RELAY_END_POINTS.some((each) => each === point);
    if (isEnd) {
      await this.busy();
      relay.child.kill("SIGTERM");
    }
    const isOver = () => relay.child.exitCode !== null || relay.child.signalCode !== null;
    await until(`a relay dies: ${point}`, isOver, (over) => over, { withinMs: POINT_MS_MAX }).catch(
      () => undefined,
    );
    await relay.end("SIGKILL");
    this.way.aim(this.#seats.filter((each) => each !== seat).map(({ target }) => target));
    return this.#hits() > before;
  }

  /** Connections go to one alone, and there is a stream. */
  async leadTo(index: number): Promise<void> {
    const { target } = this.#seat(index);
    this.way.aim([target]);
    await until(
      "the relay has a stream",
      () => this.way.count(target),
      (count) => count > 0,
    );
  }

  /** Connections go to both again. */
  aimAtAll(): void {
    this.way.aim(this.#seats.map(({ target }) => target));
  }

  /** It stands still, with its streams gone elsewhere as a balancer that looks after it has it, or left as they are. */
  freeze(index: number, areStreamsCut: boolean): void {
    const seat = this.#seat(index);
    seat.relay?.child.kill("SIGSTOP");
    if (!areStreamsCut) return;
    this.way.aim(this.#seats.filter((each) => each !== seat).map(({ target }) => target));
    this.way.cut(seat.target);
  }

  thaw(index: number): void {
    this.#seat(index).relay?.child.kill("SIGCONT");
    this.aimAtAll();
  }

  /** Cuts machines off; nobody at the other ends is told. Answers how they come back. */
  async cutOff(indexes: readonly number[], links: readonly Link[]): Promise<() => Promise<void>> {
    await this.#setLinks(indexes, links, "down");
    return async () => await this.#setLinks(indexes, links, "up");
  }

  /** All ways that can be cut: to the relays, and theirs to the database. */
  get ways(): readonly Way[] {
    return [this.way, this.way, ...this.#seats.map(({ way }) => way)];
  }

  end(): void {
    // One that stands still can be killed all the same.
    for (const end of this.#ends) end();
  }

  /** What they logged. */
  log(): string {
    return this.#logs.map((log) => log()).join("");
  }

  async #add(index: number): Promise<void> {
    const { database, log } = this.#options;
    const place = await newPlace(log);
    this.#ends.push(() => place.end());
    const way = await database.wayFrom(place.back);
    const target = { host: place.front, port: 0 };
    this.#seats.push({ place, way, relay: undefined, target, version: "" });
    await this.#start(index);
  }

  #hits(): number {
    const file = join(this.#options.folder, HITS_FILE);
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0;
  }

  async #setLinks(indexes: readonly number[], links: readonly Link[], state: "up" | "down"): Promise<void> {
    for (const { place, way } of indexes.map((index) => this.#seat(index)))
      for (const link of LINKS.filter((each) => links.includes(each))) {
        if (place.set) await place.set(link, state);
        else stall(link === "front" ? this.way : way, state);
      }
  }

  #seat(index: number): Seat {
    const seat = this.#seats[index];
    if (!seat) throw new Error(`there is no relay ${index}`);
    return seat;
  }

  #write(name: string, text: string): void {
    writeFileSync(join(this.#options.folder, name), text, { mode: 0o600 });
  }

  async #start(index: number, armed: Readonly<Record<string, string>> = {}): Promise<RelayProcess> {
    const { folder, database, broken } = this.#options;
    const seat = this.#seat(index);
    const { place, way, target, version } = seat;
    const uri = `postgresql://${DATABASE_USER}@${place.back}:${way.port}/${database.name}?sslmode=disable`;
    const isArmed = KILL_VARIABLE in armed;
    const args = [
      `--database=${uri}`,
      `--database-password-file=${join(folder, PASSWORD_FILE)}`,
      `--token-file=${join(folder, TOKEN_FILE)}`,
      `--tls-cert=${join(folder, "certificate.pem")}`,
      `--tls-key=${join(folder, "key.pem")}`,
      `--stream-age=${isArmed ? ARMED_AGE_SECONDS : STREAM_AGE_SECONDS}`,
    ];
    const env = {
      ...armed,
      ...(version === "" ? {} : { [VERSION_VARIABLE]: version }),
      ...(broken === undefined ? {} : { [BREAK_VARIABLE]: broken }),
    };
    const isOwn = Object.keys(env).length === 0;
    const program = isOwn ? undefined : await oneFileDaemon("test/torture/relay/stand-in-relay.ts", "relay");
    const relay = await startRelay({ teardown: (end) => void this.#ends.unshift(end) }, args, {
      listen: `${target.host}:${target.port}`,
      prefix: place.prefix,
      env: { ...env, [HITS_VARIABLE]: join(folder, HITS_FILE) },
      ...(program === undefined ? {} : { program }),
    });
    seat.relay = relay;
    seat.target = { host: target.host, port: relay.port };
    this.#logs.push(relay.log);
    return relay;
  }
}

function stall(way: Way, state: "up" | "down"): void {
  if (state === "down") way.stall();
  else way.flow();
}
