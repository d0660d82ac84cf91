import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { Absence } from "./absence.js";
import type { GatewayAnswer } from "./call.js";
import type { CurvePoint } from "./local/curves.js";
import type { StoredPoints, StoredQuestion } from "./local/stored-points.js";
import type { JsonObject } from "./requests/body.js";
import { RequestFault } from "./requests/request-fault.js";

/** MLflow's API at a tracker: a server's, or the daemon's own for a local store. */
export interface TrackerApi {
  /** Passes a request on; what flows back is the caller's to read or to end. Rejects with ApiDown. */
  pass(request: PassedRequest): Promise<GatewayAnswer>;
  /** Asks an endpoint and reads its answer whole. Rejects with ApiDown. */
  ask(
    method: "GET" | "POST",
    path: string,
    content: JsonObject,
    headers?: Readonly<Record<string, string>>,
  ): Promise<ApiAnswer>;
  /** Curves of a run's metrics by their keys, where the API has a way of its own. Rejects with a RequestFault. */
  curves?(runId: string, keys: readonly string[], most: number): Promise<Map<string, CurvePoint[]>>;
  /** A run's points as they are, where they are in a file of this machine. Rejects with a RequestFault or ApiDown. */
  points?(runId: string, wanted: StoredQuestion): Promise<StoredPoints>;
  /** Why nothing is ever answered, of an API that is none: runs need not be there first. */
  refusal?(): ApiDown;
  /** The name that an experiment has there, where that may be another. */
  experimentName?(name: string): string;
  close(): Promise<void>;
}

/** A request that is passed on. */
export interface PassedRequest {
  readonly method: string;
  readonly path: string;
  readonly search: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable | undefined;
  readonly signal: AbortSignal;
}

/** An answer of the API that was read whole. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: JsonObject;
}

/** What is known of a tracker that does not answer. */
export interface Away {
  readonly absence?: Absence;
  readonly sinceMs?: number | undefined;
  readonly isUnsent?: boolean;
}

/** Nobody answers there now. */
export class ApiDown extends RequestFault {
  /** How long that has been so. */
  readonly absence: Absence;
  /** When it began, in milliseconds since 1970, where that is known. */
  readonly sinceMs: number | undefined;
  /** Whether what was asked has certainly reached nobody. */
  readonly isUnsent: boolean;

  constructor(reason: string, { absence = "unknown", sinceMs, isUnsent = false }: Away = {}) {
    super("TEMPORARILY_UNAVAILABLE", reason);
    this.name = "ApiDown";
    this.absence = absence;
    this.sinceMs = sinceMs;
    this.isUnsent = isUnsent;
  }
}

/** What it is of can't be had there now; what is of others can. */
export class OneDown extends ApiDown {}

/** The tracker has not made the run, or the model, yet: what there is of it is here. */
export class NotMadeYet extends OneDown {}
