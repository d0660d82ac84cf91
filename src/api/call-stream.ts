/**
 * The HTTP/2 stream under a call. grpc-js keeps it to itself, and without it nobody can count what a client has
 * sent of a message, or end a stream whose client never ends its side. Its version is pinned; a test looks for both.
 */
import { constants, type ServerHttp2Stream } from "node:http2";
import type { ServerInterceptingCall, ServerInterceptor } from "@grpc/grpc-js";
import type { StepwellError } from "../errors/stepwell-error.js";
import { STATUS_SENT_MS } from "../model/limits.js";
import { callErrorOf } from "./call-error.js";
import type { Intake, IntakeStream } from "./intake.js";

type BaseCall = ServerInterceptingCall & { readonly stream: ServerHttp2Stream };

const counted = new WeakMap<ServerHttp2Stream, IntakeStream>();

/** Counts what every call sends. */
export function countCalls(intake: Intake): ServerInterceptor {
  const count = (call: BaseCall) => {
    const { stream } = call;
    const entry = intake.add(stream, (error) => {
      call.sendStatus(callErrorOf(error));
      closeSoon(stream);
    });
    counted.set(stream, entry);
    stream.once("close", () => entry.leave());
    return call;
  };
  return (_method, call) => count(call as BaseCall);
}

/** The count of a handler's call. */
export function countOf(call: object): IntakeStream {
  const entry = counted.get(streamOf(call));
  if (!entry) throw new TypeError("the call is not counted");
  return entry;
}

/**
 * Ends a call that was answered also for a client that does not end its side: it would stay for ever. One of very
 * many that are refused goes at once: they would be in memory together.
 */
export function closeAnswered(call: object, isRefused: boolean): void {
  closeSoon(streamOf(call), isRefused ? 0 : STATUS_SENT_MS);
}

function closeSoon(stream: ServerHttp2Stream, afterMs = STATUS_SENT_MS): void {
  const timer = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), afterMs).unref();
  stream.once("close", () => clearTimeout(timer));
}

function streamOf(call: object): ServerHttp2Stream {
  return (call as { readonly call: BaseCall }).call.stream;
}

/** What ends a stream, as grpc-js takes it. */
export function asError(error: StepwellError): Error {
  return Object.assign(new Error(), callErrorOf(error));
}
