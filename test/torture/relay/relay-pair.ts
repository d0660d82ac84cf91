/** Two relays behind one address, each of which may be killed, stopped or away. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type RelayProcess, startRelay } from "../../support/relay-process.js";
import { Way } from "../../support/way.js";

const FORGETFUL = fileURLToPath(new URL("./forgetful-relay.js", import.meta.url));
const PASSWORD_FILE = "database-password";
const TOKEN_FILE = "tokens";
/** Streams are asked to go elsewhere again and again. */
const STREAM_AGE_SECONDS = 4;

export interface RelayPairOptions {
  readonly folder: string;
  /** Each relay's way to the database, without a password. */
  readonly databases: readonly [string, string];
  readonly password: string;
  readonly token: string;
  /** A control: they do not look whether their database went back. */
  readonly isBroken: boolean;
}

export class RelayPair {
  readonly #options: RelayPairOptions;
  readonly #ends: (() => unknown)[] = [];
  readonly #relays: RelayProcess[] = [];
  readonly way: Way;

  private constructor(options: RelayPairOptions, way: Way) {
    this.#options = options;
    this.way = way;
  }

  static async start(options: RelayPairOptions): Promise<RelayPair> {
    const pair = new RelayPair(options, await Way.start([]));
    pair.setPassword(options.password);
    pair.setToken(options.token);
    try {
      for (const database of options.databases) pair.#relays.push(await pair.#start(database, "127.0.0.1:0"));
    } catch (error) {
      pair.end();
      throw error;
    }
    pair.way.aim(pair.#relays.map(({ port }) => port));
    return pair;
  }

  setPassword(password: string): void {
    writeFileSync(join(this.#options.folder, PASSWORD_FILE), `${password}\n`, { mode: 0o600 });
  }

  setToken(token: string): void {
    writeFileSync(join(this.#options.folder, TOKEN_FILE), `${token}\n`, { mode: 0o600 });
  }

  /** Kills one; its place is free until `revive`. */
  async kill(index: number): Promise<void> {
    await this.#at(index).end("SIGKILL");
  }

  /** Another process at the place of one that is gone. */
  async revive(index: number): Promise<void> {
    const database = this.#options.databases[index] ?? "";
    this.#relays[index] = await this.#start(database, this.#at(index).address);
  }

  /** It stands still, with its streams gone elsewhere as a balancer that looks after it has it, or left as they are. */
  freeze(index: number, areStreamsCut: boolean): void {
    const relay = this.#at(index);
    relay.child.kill("SIGSTOP");
    if (!areStreamsCut) return;
    this.way.aim(this.#relays.filter((each) => each !== relay).map(({ port }) => port));
    this.way.cut(relay.port);
  }

  thaw(index: number): void {
    this.#at(index).child.kill("SIGCONT");
    this.way.aim(this.#relays.map(({ port }) => port));
  }

  end(): void {
    this.way.close();
    // One that stands still can be killed all the same.
    for (const end of this.#ends) end();
  }

  /** What they logged. */
  log(): string {
    return this.#relays.map((relay) => relay.log()).join("");
  }

  #at(index: number): RelayProcess {
    const relay = this.#relays[index];
    if (!relay) throw new Error(`there is no relay ${index}`);
    return relay;
  }

  async #start(database: string, listen: string): Promise<RelayProcess> {
    const { folder, isBroken } = this.#options;
    const args = [
      `--database=${database}`,
      `--database-password-file=${join(folder, PASSWORD_FILE)}`,
      `--token-file=${join(folder, TOKEN_FILE)}`,
      `--stream-age=${STREAM_AGE_SECONDS}`,
    ];
    const teardown = (end: () => unknown) => void this.#ends.push(end);
    return await startRelay({ teardown }, args, { listen, ...(isBroken ? { program: FORGETFUL } : {}) });
  }
}
