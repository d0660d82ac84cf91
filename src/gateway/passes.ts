/**
 * Passes: who may use the gateway, and for which tracker. A pass stands in the address that a program gets, for a
 * header would be replaced by a `default` line of ~/.netrc. The state store has its hash alone, so that a copy of the
 * home opens nothing.
 *
 * One that nobody uses for a week ends. While a daemon lives it counts by the clock that nobody sets; a daemon that
 * starts has nothing but the wall clock for the time before.
 */
import { hash, randomBytes } from "node:crypto";
import type { Clock } from "../model/clock.js";
import { GATEWAY_PASS_GRACE_MS, GATEWAY_PASS_MS } from "../model/limits.js";
import type { Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";

/** What a pass is for. */
export interface Pass {
  readonly trackerId: string;
  /** The step run that it was made for; empty: a shell. It ends soon after that. */
  readonly stepRunId: string;
  /** The run that this logs to there; empty: none. */
  readonly runId: string;
}

interface PassRow extends Pass {
  /** Milliseconds since 1970; up to an hour behind. */
  readonly usedMs: number;
  readonly hasEnded?: boolean;
}

interface KnownPass {
  row: PassRow;
  /** Of the monotonic clock. */
  endsMs: number;
  notedMs: number;
  isUsed: boolean;
}

const PASS_BYTES = 18;
const NOTE_USE_MS = 3_600_000;

export class Passes {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #passes = new Map<string, KnownPass>();

  private constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  static async open(store: Store, clock: Clock): Promise<Passes> {
    const passes = new Passes(store, clock);
    const rows = await store.list<PassRow>(TABLES.gatewayPass, "");
    const isOver = ({ usedMs, hasEnded }: PassRow) => hasEnded || usedMs + GATEWAY_PASS_MS < clock.nowMs();
    const over = rows.filter(({ value }) => isOver(value));
    for (const { key, value } of rows) if (!isOver(value)) passes.#know(key, value);
    const changes = over.map(({ key }) => ({ table: TABLES.gatewayPass, key, value: undefined }));
    if (changes.length > 0) await store.write(changes, { sync: false });
    return passes;
  }

  /** Makes one. One of a step that a power cut takes goes with the step. */
  async issue(trackerId: string, stepRunId: string, runId = ""): Promise<string> {
    const pass = randomBytes(PASS_BYTES).toString("base64url");
    const row = { trackerId, stepRunId, runId, usedMs: this.#clock.nowMs() };
    const key = hashOf(pass);
    this.#know(key, row);
    await this.#write([[key, row]], stepRunId === "");
    return pass;
  }

  /** What a pass is for; undefined for one that is none, or no more. */
  find(pass: string): Pass | undefined {
    const key = hashOf(pass);
    const known = this.#passes.get(key);
    const nowMs = this.#clock.monotonicMs();
    if (!known || known.endsMs < nowMs) return undefined;
    if (known.row.hasEnded) return known.row;
    known.isUsed = true;
    known.endsMs = nowMs + GATEWAY_PASS_MS;
    if (known.notedMs + NOTE_USE_MS < nowMs) {
      known.notedMs = nowMs;
      known.row = { ...known.row, usedMs: this.#clock.nowMs() };
      // One whose use could not be noted ends an hour early, after a restart.
      void this.#write([[key, known.row]], false).catch(() => undefined);
    }
    return known.row;
  }

  /**
   * A step run ended: what its process still says at its exit is taken for a while. Where another step of the process
   * goes on, the passes that were used are that one's: steps in threads use the address of the one that began last.
   */
  async end(stepRunId: string, heir: string | undefined): Promise<void> {
    const ending = [...this.#passes].filter(([, { row }]) => row.stepRunId === stepRunId && stepRunId !== "");
    for (const [, known] of ending) {
      if (heir !== undefined && known.isUsed) {
        known.row = { ...known.row, stepRunId: heir };
        continue;
      }
      known.endsMs = this.#clock.monotonicMs() + GATEWAY_PASS_GRACE_MS;
      known.row = { ...known.row, hasEnded: true };
    }
    await this.#write(
      ending.map(([key, { row }]) => [key, row]),
      false,
    );
  }

  #know(key: string, row: PassRow): void {
    const nowMs = this.#clock.monotonicMs();
    this.#passes.set(key, { row, endsMs: nowMs + GATEWAY_PASS_MS, notedMs: nowMs, isUsed: false });
    // Those of steps that ended are few for long: the map is kept small when one is added.
    for (const [other, { endsMs }] of this.#passes) if (endsMs < nowMs) this.#passes.delete(other);
  }

  async #write(rows: readonly (readonly [key: string, row: PassRow])[], sync: boolean): Promise<void> {
    const changes = rows.map(([key, value]) => ({ table: TABLES.gatewayPass, key, value }));
    if (changes.length > 0) await this.#store.write(changes, { sync });
  }
}

function hashOf(pass: string): string {
  return hash("sha256", pass, "hex");
}
