/** A few connections, which are shared: opened when they are needed, closed when nothing needs them for a while. */
import { StepwellError } from "../../errors/stepwell-error.js";
import type { Connection } from "./connection.js";

export interface ConnectionsOptions {
  readonly open: () => Promise<Connection>;
  /** Open at the same time. */
  readonly connectionsMax: number;
  /** How long one stays with nothing to do. */
  readonly idleMs: number;
  /** How long somebody waits for one. */
  readonly waitMsMax: number;
}

interface Idle {
  readonly connection: Connection;
  readonly timer: NodeJS.Timeout;
}

interface Waiting {
  readonly give: () => void;
  readonly timer: NodeJS.Timeout;
}

/** A transaction takes less; what is cut off then is asked for again, by whoever comes next. */
const CLOSE_MS_MAX = 5_000;

export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #idle: Idle[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #working = new Set<Promise<unknown>>();
  readonly #busy = new Set<Connection>();
  #used = 0;
  #isClosed = false;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /** Does something on a connection, and nobody else on the same one meanwhile. */
  async use<Value>(work: (connection: Connection) => Promise<Value>): Promise<Value> {
    const working = this.#use(work);
    this.#working.add(working);
    return await working.finally(() => this.#working.delete(working));
  }

  /** Waits a moment for what is under way, cuts off what takes longer, and closes all. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const timer = setTimeout(() => {
      for (const connection of this.#busy) connection.destroy();
    }, CLOSE_MS_MAX);
    await Promise.allSettled(this.#working);
    clearTimeout(timer);
    const idle = this.#idle.splice(0);
    for (const { timer } of idle) clearTimeout(timer);
    await Promise.all(idle.map(({ connection }) => connection.close()));
  }

  async #use<Value>(work: (connection: Connection) => Promise<Value>): Promise<Value> {
    if (this.#isClosed) throw new StepwellError("STEPWELL_DAEMON_STOPPING", "The store is closed.");
    await this.#turn();
    let connection: Connection | undefined;
    try {
      connection = this.#takeIdle() ?? (await this.#options.open());
      this.#busy.add(connection);
      return await work(connection);
    } finally {
      if (connection) this.#busy.delete(connection);
      this.#giveBack(connection);
    }
  }

  /** Resolves when one more may be used. */
  async #turn(): Promise<void> {
    if (this.#used < this.#options.connectionsMax) {
      this.#used += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        const at = this.#waiting.findIndex((each) => each.timer === timer);
        this.#waiting.splice(at, 1);
        const sentence = `All ${this.#options.connectionsMax} connections to the database are in use.`;
        reject(new StepwellError("STEPWELL_SERVER_BUSY", sentence));
      }, this.#options.waitMsMax);
      this.#waiting.push({ give: resolve, timer });
    });
  }

  #takeIdle(): Connection | undefined {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      clearTimeout(idle.timer);
      if (!idle.connection.isBroken) return idle.connection;
    }
    return undefined;
  }

  #giveBack(connection: Connection | undefined): void {
    if (connection && !connection.isBroken) this.#rest(connection);
    const next = this.#waiting.shift();
    if (!next) {
      this.#used -= 1;
      return;
    }
    clearTimeout(next.timer);
    next.give();
  }

  #rest(connection: Connection): void {
    const timer = setTimeout(() => {
      const at = this.#idle.findIndex((each) => each.connection === connection);
      this.#idle.splice(at, 1);
      void connection.close();
    }, this.#options.idleMs).unref();
    this.#idle.push({ connection, timer });
  }
}
