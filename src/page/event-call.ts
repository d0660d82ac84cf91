/**
 * A call of the API whose answers go to a page as server-sent events: each message in base64, a fault as an event of its
 * own. A browser whose connection ends asks again by itself, as after a restart of the daemon.
 */
import { PassThrough, Writable } from "node:stream";
import { faultJson } from "./page-fault.js";
import type { PageMethod } from "./page-methods.js";

/** What a page that reads nothing may leave waiting, beside the one message that was too much. */
const WAITING_BYTES_MAX = 64 * 1024;
/** Shorter than what is between ends an idle connection. */
const HEARTBEAT_MS = 15_000;
const RETRY_MS = 1_000;

/** The events of a call, which ends with the reader or with the signal. */
export function eventsOf(
  { definition, handle }: PageMethod,
  request: unknown,
  signal: AbortSignal,
): PassThrough {
  const events = new PassThrough({ highWaterMark: WAITING_BYTES_MAX });
  events.write(`retry: ${RETRY_MS}\n\n`);
  const call = new EventCall(request, (response, done) => {
    if (events.write(dataOf(definition.responseSerialize(response)))) done();
    else events.once("drain", done);
  });
  const heartbeat = setInterval(
    () => !events.writableNeedDrain && events.write(": \n\n"),
    HEARTBEAT_MS,
  ).unref();
  const stop = () => {
    clearInterval(heartbeat);
    signal.removeEventListener("abort", cancel);
    if (!events.destroyed) events.end();
  };
  const cancel = () => {
    call.cancelled = true;
    call.emit("cancelled");
    call.destroy();
    stop();
  };
  call.once("finish", stop);
  call.once("error", (error) => {
    events.write(`event: fault\ndata: ${faultJson(error).body}\n\n`);
    stop();
  });
  events.once("close", cancel);
  signal.addEventListener("abort", cancel);
  handle(call);
  return events;
}

/** What a handler takes for a stream to its client. */
class EventCall extends Writable {
  readonly request: unknown;
  cancelled = false;
  readonly #send: (response: unknown, done: () => void) => void;

  constructor(request: unknown, send: (response: unknown, done: () => void) => void) {
    super({ objectMode: true, highWaterMark: 1 });
    this.request = request;
    this.#send = send;
  }

  override _write(response: unknown, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#send(response, done);
  }
}

function dataOf(bytes: Buffer): string {
  return `data: ${bytes.toString("base64")}\n\n`;
}
