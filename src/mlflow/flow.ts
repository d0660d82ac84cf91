/**
 * One request whose body and answer flow through, chunk by chunk: neither is ever held whole. Whoever takes the
 * answer ends it; a side that goes away ends the other.
 */
import type { ClientRequest, IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CONNECT_MS_MAX, FLOW_IDLE_MS_MAX } from "../model/limits.js";

/** Why nothing came back. */
export interface FlowError extends Error {
  readonly code?: string;
  /** Whether the connection was made: before that the server can't have got anything. */
  isConnected?: boolean;
}

/** Sends a request that `open` makes. Rejects with a FlowError; `signal` ends it at any time. */
export async function flow(
  open: () => ClientRequest,
  body: Readable | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  signal.throwIfAborted();
  const sent = open();
  const end = () => sent.destroy();
  signal.addEventListener("abort", end, { once: true });
  sent.once("close", () => signal.removeEventListener("abort", end));
  const connecting = setTimeout(
    () => sent.destroy(timedOut("no connection", CONNECT_MS_MAX)),
    CONNECT_MS_MAX,
  );
  let isConnected = false;
  const connected = () => {
    isConnected = true;
    clearTimeout(connecting);
  };
  sent.once("close", () => clearTimeout(connecting));
  // By the request: a listener on the socket would stay with it for all requests that it is kept for.
  sent.setTimeout(FLOW_IDLE_MS_MAX, () => sent.destroy(timedOut("nothing moved", FLOW_IDLE_MS_MAX)));
  sent.once("socket", (socket) => {
    if (socket.connecting) socket.once("encrypted" in socket ? "secureConnect" : "connect", connected);
    else connected();
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sent.once("response", resolve);
    sent.once("error", reject);
    sent.once("upgrade", (_, socket) => {
      socket.destroy();
      reject(Object.assign(new Error("the server changed the protocol"), { code: "EPROTO" }));
    });
    sent.once("close", () => reject(Object.assign(new Error("no answer"), { code: "ECONNRESET" })));
  });
  // A server may answer before it has read all, and close: its answer counts then, not the broken pipe.
  if (body) pipeline(body, sent).catch((error: unknown) => sent.destroy(error as Error));
  else sent.end();
  return await answered.catch((error: FlowError) => {
    error.isConnected = isConnected;
    throw error;
  });
}

function timedOut(what: string, afterMs: number): Error {
  return Object.assign(new Error(`${what} within ${afterMs} ms`), { code: "ETIMEDOUT" });
}
