import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { Target } from "../model/target.js";

/** A request below a pass, by somebody who may make it. */
export interface PageCall {
  readonly method: string;
  /** Below the pass, as it was sent: nothing in it is decoded. */
  readonly path: string;
  /** With its question mark, or empty. */
  readonly search: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
  /** Ends with the caller's connection. */
  readonly signal: AbortSignal;
}

/** One of MLflow's API. */
export interface GatewayCall extends PageCall {
  /** The tracker that it is for. */
  readonly target: Target;
  /** The run of the program that asks; empty: it was given none. */
  readonly programRunId: string;
}

/** What is answered. */
export type GatewayAnswer =
  | {
      readonly kind: "text";
      readonly status: number;
      readonly body: string;
      readonly headers?: OutgoingHttpHeaders;
    }
  | {
      readonly kind: "flow";
      readonly status: number;
      readonly headers: OutgoingHttpHeaders;
      readonly body: Readable;
    };

/** Whole numbers that no double holds stand in texts here; as fields of MLflow's they are numbers (a quotation mark in a text has a backslash). */
const WIDE = /("(?:step|timestamp|start_time|end_time)":)"(-?\d{16,19})"/g;

/** An answer of JSON. */
export function jsonAnswer(value: unknown, status = 200): GatewayAnswer {
  return { kind: "text", status, body: JSON.stringify(value).replace(WIDE, "$1$2") };
}
