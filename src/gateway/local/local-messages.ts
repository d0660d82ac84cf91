/** What the local store asks its thread, and what that answers: one for one, in order. */
import type { JsonObject } from "../requests/body.js";
import type { FaultClass, FaultCode } from "../requests/request-fault.js";
import type { CurvePoint } from "./curves.js";
import type { Known } from "./known-tables.js";
import type { LocalRoute } from "./local-routes.js";
import type { Page } from "./page-token.js";
import type { StoredPoints, StoredQuestion } from "./stored-points.js";

export type Question =
  | {
      readonly kind: "request";
      readonly route: LocalRoute;
      readonly values: Readonly<Record<string, string>>;
      readonly method: string;
      readonly path: string;
      /** The query's fields, in their order. */
      readonly query: [name: string, value: string][];
      readonly body: JsonObject;
      /** Whether the file is made where there is none. */
      readonly mayMake: boolean;
    }
  | {
      /** A search among what is known of another tracker. */
      readonly kind: "known";
      readonly known: Known;
      readonly query: [name: string, value: string][];
      readonly method: string;
      readonly body: JsonObject;
    }
  | {
      /** Some points of a run's metrics. */
      readonly kind: "curves";
      readonly runId: string;
      readonly keys: readonly string[];
      readonly most: number;
    }
  | {
      /** Points of a run as they are. */
      readonly kind: "points";
      readonly runId: string;
      readonly wanted: StoredQuestion;
    }
  | { readonly kind: "close" };

export type Reply =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly body: string;
      /** MLflow's release that the file was upgraded to by it. */
      readonly upgradedTo?: string | undefined;
    }
  | {
      readonly kind: "fault";
      readonly code: FaultCode;
      readonly message: string;
      readonly errorClass: FaultClass | undefined;
    }
  | { readonly kind: "curves"; readonly curves: Map<string, CurvePoint[]> }
  | { readonly kind: "points"; readonly points: StoredPoints }
  | { readonly kind: "page"; readonly page: Page<string> }
  | { readonly kind: "closed" };
