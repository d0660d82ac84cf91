import type { ErrorCode } from "../../errors/table.js";
import type { Pack } from "../../model/pack.js";
import type { Outcome } from "../sink.js";

/** What the sink asks its worker. Each is answered by one Answer, in order. */
export type Request =
  | { readonly kind: "send"; readonly packs: readonly Pack[]; readonly nowMs: number }
  | { readonly kind: "close" };

/** What the worker answers. */
export type Answer =
  | {
      readonly kind: "sent";
      readonly outcomes: Outcome[];
      readonly experimentIds: ReadonlyMap<string, string>;
    }
  | { readonly kind: "failed"; readonly code: ErrorCode; readonly reason: string }
  | { readonly kind: "closed" };
