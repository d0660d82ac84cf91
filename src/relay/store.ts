/** Where a relay's packs go: one backend. A relay keeps nothing, so all that it answers is what this says. */
import type { Amounts, BudgetAsk } from "../model/budget.js";
import type { CursorAnswer, CursorQuestion } from "../model/cursor.js";
import type { Pack } from "../model/pack.js";
import type { Rights } from "../model/rights.js";
import type { BackendRun } from "../model/target.js";
import type { Outcome, SinkLimits } from "../sinks/sink.js";

/** What a commit of the backend survives: its processes' death and a power cut, or the loss of its machine, too. */
export type Durability = "local" | "replicated";

/** Which backend it is, and in which life. */
export interface StoreFacts {
  readonly backendId: string;
  readonly timeline: string;
  readonly durability: Durability;
}

/** What became of a group. */
export interface StoreWritten {
  /** Of each pack, in order. */
  readonly outcomes: readonly Outcome[];
  /** By home id, the home's transactions now; none of a home whose count was not read. */
  readonly writes: ReadonlyMap<string, number>;
  /** Homes that the backend has fewer transactions of than they know of: nothing of theirs was written. */
  readonly wentBack: ReadonlySet<string>;
  readonly durability: Durability;
  /** What the backend calls runs, where that was found out, by our run id. */
  readonly runs: ReadonlyMap<string, BackendRun & { readonly kind: "known" }>;
}

/** A pack as a relay has it. */
export interface RelayedPack {
  readonly pack: Pack;
  /** What its home knows of the run at a backend that gives runs ids of its own. */
  readonly run: BackendRun | undefined;
  /** What its sender may do; undefined: all. A pack of somebody who may not has the outcome hold. */
  readonly rights: Rights | undefined;
}

export interface RelayStore {
  /** How much goes into one group, and how many groups may be under way. */
  readonly limits: SinkLimits;
  /** Whether the backend itself keeps how far it has each run. */
  readonly keepsCursors: boolean;
  /** Where it writes to, with no credential in it. */
  readonly place: string;
  /**
   * Writes packs of any homes, each of another home and run, in one transaction where the backend has any. `known`: by
   * home id, the transactions that the home knows of. Never throws for what the backend does.
   */
  write(packs: readonly RelayedPack[], known: ReadonlyMap<string, number>): Promise<StoreWritten>;
  /** The home's transactions in the backend. Throws what would stop a pack of whoever asks. */
  writesOf(homeId: string, rights: Rights | undefined): Promise<number>;
  /** Where runs stand, in the questions' order. Throws what would stop a pack of whoever asks. */
  standing(
    questions: readonly CursorQuestion[],
    rights: Rights | undefined,
  ): Promise<readonly CursorAnswer[]>;
  /**
   * What tenants may bring there next, over all relays of the backend, by their names. Throws what keeps it from being
   * found out. Without it each relay counts for itself.
   */
  readonly takeBudgets?: (asks: readonly BudgetAsk[]) => Promise<ReadonlyMap<string, Amounts>>;
  /** Throws what would stop a pack. */
  facts(): Promise<StoreFacts>;
  close(): Promise<void>;
}
