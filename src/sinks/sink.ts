import type { ErrorCode } from "../errors/table.js";
import type { Cursor, CursorAnswer, CursorQuestion } from "../model/cursor.js";
import type { DatasetName, Pack } from "../model/pack.js";

/** MLflow's tag for a child; its value is the id of a run. */
export const PARENT_TAG = "mlflow.parentRunId";

/** One entry that the backend refused for good while it took the rest of its pack. */
export type Refusal = RefusedEntry & { readonly code: ErrorCode; readonly reason: string };

/** A param, a tag or a metric's point. */
export type RefusedEntry =
  | { readonly kind: "param" | "tag"; readonly key: string; readonly value: string }
  | {
      readonly kind: "metric";
      readonly key: string;
      /** The logged model that it measures; empty: none. */
      readonly modelId: string;
      /** What it was measured with. */
      readonly dataset?: DatasetName | undefined;
      readonly step: bigint;
      readonly timestampMs: bigint;
      readonly value: number;
    };

/**
 * Whose trouble a failure is: the backend's, so that no other run's pack would get there; this run's
 * alone; or one of the two, which only the packs of other runs tell.
 */
export type FaultScope = "backend" | "run" | "unclear";

/** Why a pack was not taken, and whom else that concerns. */
interface Fault {
  readonly scope: FaultScope;
  readonly code: ErrorCode;
  readonly reason: string;
}

/**
 * What a sink says of one pack. Unless it is delivered, nothing of it counts as being in the
 * backend: it comes again, and a sink sees to it that nothing is there twice then.
 */
export type Outcome =
  /** All of it is confirmed, but for the refused entries. */
  | { readonly kind: "delivered"; readonly refused: readonly Refusal[] }
  /**
   * Nothing was written: the run's cursor is not where the pack's sender left it. It is the one under the
   * home's id, or, where that has none, under the id that the home had when it left it.
   */
  | { readonly kind: "elsewhere"; readonly homeId: string; readonly cursor: Cursor | undefined }
  /** It may succeed later without a change; afterMs is the backend's own wish. */
  | (Fault & { readonly kind: "retry"; readonly afterMs?: number })
  /** It does not go on until somebody acts. */
  | (Fault & { readonly kind: "hold" })
  /** The pack as it is will never be taken; a part of it may be. */
  | { readonly kind: "refused"; readonly code: ErrorCode; readonly reason: string };

/** What one request to the backend may carry. */
export interface SinkLimits {
  /** Metric points in all packs of one request. */
  readonly pointsMax: number;
  /** Params and tags in all packs of one request. */
  readonly textsMax: number;
  /** Packs, each of another run, in one request. */
  readonly packsMax: number;
  /** Requests that may be under way at the same time, each with packs of other runs. */
  readonly requestsMax: number;
  /** The same while the backend is quick; requestsMax unless given. */
  readonly quickRequestsMax?: number;
}

/**
 * How a store that keeps cursors is looked at, beside what packs are told. Both throw what would hold
 * or stop a pack, for a store that is gone or damaged too.
 */
export interface CursorKeeper {
  /** Whether it has all transactions that the home with this id knows of; cheap while nothing has touched it. */
  look(homeId: string): Promise<StoreLook>;
  /** Where runs stand, in the questions' order. */
  standing(questions: readonly CursorQuestion[]): Promise<CursorAnswer[]>;
}

export type StoreLook =
  | { readonly kind: "as left" }
  /** It is an earlier state of itself, with so many of the home's transactions. */
  | { readonly kind: "went back"; readonly writes: number };

/**
 * Where packs go: one backend. A sink keeps no state that matters: what it has
 * confirmed it can tell again after a restart.
 */
export interface Sink {
  readonly limits: SinkLimits;
  /** Of a backend that itself keeps how far it has each run, in the transaction that writes its entries. */
  readonly cursors: CursorKeeper | undefined;
  /** Delivers packs of different runs and says of each what became of it, in order. Never throws for what a backend does. */
  send(packs: readonly Pack[]): Promise<Outcome[]>;
  /** Ends what is under way and frees everything. */
  close(): Promise<void>;
}
