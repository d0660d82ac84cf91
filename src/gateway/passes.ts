/**
 * Passes: who may use the gateway, and for which tracker. A pass stands in the address that a program gets, for a
 * header would be replaced by a `default` line of ~/.netrc. The state store has its hash alone, so that a copy of the
 * home opens nothing; one that nobody uses for a week goes.
 */
import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../model/clock.js";
import { GATEWAY_PASS_MS } from "../model/limits.js";
import type { Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";

/** What a pass is for. */
export interface Pass {
  readonly trackerId: string;
  /** The step run that it was made for; empty: a shell. It ends with that. */
  readonly stepRunId: string;
  /** Milliseconds since 1970; kept up to an hour behind. */
  readonly usedMs: number;
}

const PASS_BYTES = 18;
const NOTE_USE_MS = 3_600_000;

export class Passes {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #passes: Map<string, Pass>;

  private constructor(store: Store, clock: Clock, passes: Map<string, Pass>) {
    this.#store = store;
    this.#clock = clock;
    this.#passes = passes;
  }

  static async open(store: Store, clock: Clock): Promise<Passes> {
    const rows = await store.list<Pass>(TABLES.gatewayPass, "");
    const passes = new Passes(store, clock, new Map(rows.map(({ key, value }) => [key, value])));
    await passes.#drop(({ usedMs }) => usedMs + GATEWAY_PASS_MS < clock.nowMs());
    return passes;
  }

  /** Makes one; it is on disk when this resolves. */
  async issue(trackerId: string, stepRunId: string): Promise<string> {
    const pass = randomBytes(PASS_BYTES).toString("base64url");
    await this.#keep(hashOf(pass), { trackerId, stepRunId, usedMs: this.#clock.nowMs() });
    return pass;
  }

  /** What a pass is for; undefined for one that is none, or no more. */
  find(pass: string): Pass | undefined {
    const key = hashOf(pass);
    const found = this.#passes.get(key);
    if (!found) return undefined;
    const nowMs = this.#clock.nowMs();
    if (found.usedMs + GATEWAY_PASS_MS < nowMs) return undefined;
    // A pass whose use could not be noted ends an hour early.
    if (Math.abs(nowMs - found.usedMs) > NOTE_USE_MS)
      void this.#keep(key, { ...found, usedMs: nowMs }).catch(() => undefined);
    return found;
  }

  /** Ends those of a step run. */
  async end(stepRunId: string): Promise<void> {
    await this.#drop((pass) => pass.stepRunId === stepRunId);
  }

  async #keep(key: string, pass: Pass): Promise<void> {
    this.#passes.set(key, pass);
    await this.#store.write([{ table: TABLES.gatewayPass, key, value: pass }], { sync: true });
  }

  async #drop(isMeant: (pass: Pass) => boolean): Promise<void> {
    const keys = [...this.#passes].filter(([, pass]) => isMeant(pass)).map(([key]) => key);
    if (keys.length === 0) return;
    for (const key of keys) this.#passes.delete(key);
    await this.#store.write(
      keys.map((key) => ({ table: TABLES.gatewayPass, key, value: undefined })),
      { sync: true },
    );
  }
}

function hashOf(pass: string): string {
  return createHash("sha256").update(pass).digest("hex");
}
