import type { ErrorCode } from "../../errors/table.js";
import type { CursorAnswer, CursorQuestion } from "../../model/cursor.js";
import type { Pack } from "../../model/pack.js";
import type { Outcome } from "../sink.js";
import type { Guarded } from "./store-guard.js";
import type { Kept } from "./writer.js";

/** What the sink asks its worker. Each is answered by one Answer, in order. */
export type Request =
  | {
      readonly kind: "send";
      readonly packs: readonly Pack[];
      readonly nowMs: number;
      readonly guarded: Guarded;
    }
  | { readonly kind: "look"; readonly homeId: string; readonly guarded: Guarded }
  | { readonly kind: "stand"; readonly questions: readonly CursorQuestion[]; readonly guarded: Guarded }
  | { readonly kind: "close" };

/** What the worker answers. */
export type Answer =
  | {
      readonly kind: "sent";
      readonly outcomes: Outcome[];
      readonly experimentIds: ReadonlyMap<string, string>;
      readonly kept: Kept | undefined;
    }
  | { readonly kind: "looked"; readonly kept: Kept }
  | { readonly kind: "stands"; readonly answers: CursorAnswer[] }
  | { readonly kind: "failed"; readonly code: ErrorCode; readonly reason: string }
  | { readonly kind: "closed" };
