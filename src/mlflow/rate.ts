import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../home/clock.js";
import type { Clock } from "../model/clock.js";
import {
  DATABRICKS_LOG_BATCH_PER_SECOND,
  DATABRICKS_OTHER_PER_SECOND,
  DATABRICKS_SEARCH_PER_SECOND,
} from "../model/limits.js";
import { Turns } from "../model/turns.js";
import type { Access } from "./access.js";

/** Requests come closer together on their way than they were sent: so much less than the limit is. */
const MARGIN = 1.05;

/** So many requests in any second and no more, one after the other, as they come. */
export class RateLimit {
  readonly #apartMs: number;
  readonly #clock: Clock;
  #lastMs = Number.NEGATIVE_INFINITY;
  readonly #turns = new Turns();

  constructor(perSecond: number, clock: Clock = systemClock) {
    this.#apartMs = (1000 / perSecond) * MARGIN;
    this.#clock = clock;
  }

  /** Waits for its turn. */
  async take(): Promise<void> {
    await this.#turns.take(() => this.#wait());
  }

  /** From when the last one really went: after a pause of this process nothing is made up for. */
  async #wait(): Promise<void> {
    const dueMs = this.#lastMs + this.#apartMs;
    while (this.#clock.monotonicMs() < dueMs) await sleep(Math.ceil(dueMs - this.#clock.monotonicMs()));
    this.#lastMs = this.#clock.monotonicMs();
  }
}

/** Databricks counts these apart. */
export type Rates = Readonly<Record<"log-batch" | "search" | "other", RateLimit>>;

/** The rates of Databricks' workspaces: one set for all trackers on an address. */
export class WorkspaceRates {
  readonly #byHost = new Map<string, Rates>();

  /** Those of the workspace that is asked. */
  of({ baseUrl }: Access): Rates {
    const { host } = new URL(baseUrl);
    let rates = this.#byHost.get(host);
    if (!rates) {
      rates = {
        "log-batch": new RateLimit(DATABRICKS_LOG_BATCH_PER_SECOND),
        search: new RateLimit(DATABRICKS_SEARCH_PER_SECOND),
        other: new RateLimit(DATABRICKS_OTHER_PER_SECOND),
      };
      this.#byHost.set(host, rates);
    }
    return rates;
  }
}
