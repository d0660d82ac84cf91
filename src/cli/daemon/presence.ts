/**
 * Keeps a stream open while a command holds a lease: a daemon in another pid namespace knows
 * of this process by its stream alone.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { IngestRequest } from "../../gen/stepwell/v1/ingest.js";
import { ownIdentity } from "../../home/process-identity.js";
import { VERSION } from "../../model/version.js";
import type { Context } from "../context.js";
import { type Connection, findDaemon } from "./find-daemon.js";

/** How long to wait before the stream is opened again. */
const PAUSE_MS = 1_000;
/** How long the daemon may take to end a stream that was closed. */
const CLOSE_WAIT_MS = 500;

/** A stream that is opened again whenever it ends. */
export interface Presence {
  /** Ends the stream for good. */
  close(): void;
}

/** Opens the stream and keeps it. Never throws: without a daemon it waits for one. */
export function keepPresence(context: Context): Presence {
  const closing = new AbortController();
  void keep(context, closing.signal);
  return { close: () => closing.abort() };
}

async function keep(context: Context, closing: AbortSignal): Promise<void> {
  const producerId = randomBytes(16);
  for (let epoch = 1n; !closing.aborted; epoch++) {
    const connection = await findDaemon(context).catch(() => undefined);
    if (connection) await streamUntilEnd(connection, helloOf(producerId, epoch), closing);
    connection?.close();
    // The pause is no reason for the command to live on.
    if (!closing.aborted) await sleep(PAUSE_MS, undefined, { ref: false });
  }
}

async function streamUntilEnd(
  { ingest }: Connection,
  hello: IngestRequest,
  closing: AbortSignal,
): Promise<void> {
  if (closing.aborted) return;
  const stream = ingest.ingest();
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    const close = () => {
      // Without it the daemon would count a program that ended well as a producer that did not.
      stream.write({ message: { $case: "close", value: {} } });
      stream.end();
      timer = setTimeout(() => stream.cancel(), CLOSE_WAIT_MS);
    };
    const over = () => {
      closing.removeEventListener("abort", close);
      clearTimeout(timer);
      resolve();
    };
    closing.addEventListener("abort", close, { once: true });
    stream.once("end", over).once("error", over);
    // A late error must find a listener.
    stream.on("error", () => undefined).resume();
    stream.write(hello);
  });
}

function helloOf(producerId: Buffer, epoch: bigint): IngestRequest {
  const value = {
    ...{ protocolVersion: 1, clientName: "run", clientVersion: VERSION, producerId, epoch },
    firstUnacknowledgedSequence: 1n,
    process: ownIdentity(),
  };
  return { message: { $case: "hello", value } };
}
