/** Which backend keeps new secrets: decided at first use and written down, never changed silently. */
import { StepwellError } from "../errors/stepwell-error.js";
import type { ErrorCode } from "../errors/table.js";
import type { Clock } from "../model/clock.js";
import type { Change, Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";
import type { BackendKind, BackendState, SecretBackends } from "./backend.js";

const KEY = "backend";

/** What was decided. */
export interface ChosenBackend {
  readonly kind: BackendKind;
  /** Why, in words that follow "because"; empty when somebody asked for it. */
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly chosenMs: number;
}

export class BackendChoice {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #backends: SecretBackends;
  #chosen: ChosenBackend | undefined;

  private constructor(store: Store, clock: Clock, backends: SecretBackends) {
    this.#store = store;
    this.#clock = clock;
    this.#backends = backends;
  }

  static async open(store: Store, clock: Clock, backends: SecretBackends): Promise<BackendChoice> {
    const choice = new BackendChoice(store, clock, backends);
    choice.#chosen = await store.get<ChosenBackend>(TABLES.secretBackend, KEY);
    return choice;
  }

  /** What was decided; undefined while no secret was ever made. */
  get chosen(): ChosenBackend | undefined {
    return this.#chosen;
  }

  /**
   * The keychain where there is one, else the vault. Throws STEPWELL_KEYCHAIN_LOCKED for a
   * keychain that is there and can't be used now: then nothing is decided.
   */
  async decide(): Promise<ChosenBackend> {
    if (this.#chosen) return this.#chosen;
    const state = await this.#backends.keychain.state();
    if (state.kind === "locked") checkReady("keychain", state);
    const decided =
      state.kind === "ready"
        ? this.#of("keychain", "this machine has one")
        : this.#of("vault", `no keychain can be used: ${state.reason}`);
    await this.#store.write([changeTo(decided)], { sync: true });
    this.#chosen = decided;
    return decided;
  }

  /** The change that makes a backend the one for new secrets, and what to do when it is written. */
  plan(kind: BackendKind): { change: Change; commit: () => void } {
    const decided = this.#of(kind, "");
    return { change: changeTo(decided), commit: () => (this.#chosen = decided) };
  }

  #of(kind: BackendKind, reason: string): ChosenBackend {
    return { kind, reason, chosenMs: this.#clock.nowMs() };
  }
}

/** What is thrown while a backend can't be used. */
const CODES = {
  keychain: { locked: "STEPWELL_KEYCHAIN_LOCKED", absent: "STEPWELL_KEYCHAIN_UNREACHABLE" },
  vault: { locked: "STEPWELL_VAULT_LOCKED", absent: "STEPWELL_VAULT_DAMAGED" },
} as const;

/** The code for a backend that can't be used now. */
export function codeOf(kind: BackendKind, state: "locked" | "absent"): ErrorCode {
  return CODES[kind][state];
}

/** Throws the backend's code when it can't be used now. */
export function checkReady(kind: BackendKind, state: BackendState): void {
  if (state.kind === "ready") return;
  throw new StepwellError(codeOf(kind, state.kind), `The ${kind} can't be used: ${state.reason}.`);
}

function changeTo(value: ChosenBackend): Change {
  return { table: TABLES.secretBackend, key: KEY, value };
}
