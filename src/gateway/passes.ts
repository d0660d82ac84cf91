/**
 * Passes: who may use the gateway, and for which tracker. A pass stands in the address that a program gets, for a
 * header would be replaced by a `default` line of ~/.netrc. The state store has its hash alone, so that a copy of the
 * home opens nothing; one that nobody uses for a week goes.
 */
import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../model/clock.js";
import { GATEWAY_PASS_GRACE_MS, GATEWAY_PASS_MS } from "../model/limits.js";
import type { Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";

/** What a pass is for. */
export interface Pass {
  readonly trackerId: string;
  /** The step run that it was made for; empty: a shell. It ends with that. */
  readonly stepRunId: string;
  /** Milliseconds since 1970; kept up to an hour behind. */
  readonly usedMs: number;
  /** Milliseconds since 1970; undefined while its step goes on. */
  readonly endsMs?: number;
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
    await passes.#drop(
      ({ usedMs, endsMs = Number.POSITIVE_INFINITY }) =>
        Math.min(usedMs + GATEWAY_PASS_MS, endsMs) < clock.nowMs(),
    );
    return passes;
  }

  /** Makes one. One of a step that a power cut takes goes with the step. */
  async issue(trackerId: string, stepRunId: string): Promise<string> {
    const pass = randomBytes(PASS_BYTES).toString("base64url");
    await this.#keep(
      [[hashOf(pass), { trackerId, stepRunId, usedMs: this.#clock.nowMs() }]],
      stepRunId === "",
    );
    return pass;
  }

  /** What a pass is for; undefined for one that is none, or no more. */
  find(pass: string): Pass | undefined {
    const key = hashOf(pass);
    const found = this.#passes.get(key);
    if (!found) return undefined;
    const nowMs = this.#clock.nowMs();
    if (found.usedMs + GATEWAY_PASS_MS < nowMs || (found.endsMs ?? nowMs) < nowMs) return undefined;
    // A pass whose use could not be noted ends an hour early.
    if (Math.abs(nowMs - found.usedMs) > NOTE_USE_MS)
      void this.#keep([[key, { ...found, usedMs: nowMs }]], false).catch(() => undefined);
    return found;
  }

  /** A step run ended: what its process still says at its exit is taken for a while. */
  async end(stepRunId: string): Promise<void> {
    const endsMs = this.#clock.nowMs() + GATEWAY_PASS_GRACE_MS;
    const ending = [...this.#passes].filter(([, pass]) => pass.stepRunId === stepRunId && stepRunId !== "");
    await this.#keep(
      ending.map(([key, pass]) => [key, { ...pass, endsMs }]),
      false,
    );
  }

  async #keep(passes: readonly (readonly [key: string, pass: Pass])[], sync: boolean): Promise<void> {
    for (const [key, pass] of passes) this.#passes.set(key, pass);
    const changes = passes.map(([key, value]) => ({ table: TABLES.gatewayPass, key, value }));
    if (changes.length > 0) await this.#store.write(changes, { sync });
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
