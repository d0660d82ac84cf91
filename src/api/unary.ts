import { setImmediate as nextTurn } from "node:timers/promises";
import type { handleUnaryCall } from "@grpc/grpc-js";
import { StepwellError } from "../errors/stepwell-error.js";
import { callErrorOf } from "./call-error.js";

/** A unary handler out of a function that answers or throws. */
export function unary<Request, Response>(
  answer: (request: Request) => Promise<Response> | Response,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    void (async () => answer(call.request))().then(
      (response) => callback(null, response),
      (error: unknown) => callback(callErrorOf(error)),
    );
  };
}

/**
 * The same for what must not begin behind its caller's back: a call that its caller had given up
 * before the daemon came to read it, as after SIGSTOP, is not carried out.
 */
export function unaryIfWanted<Request, Response>(
  answer: (request: Request) => Promise<Response> | Response,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const handle = unary<Request, Response>(async (request) => {
      // What came with the request is read by then: that it was cancelled, or the connection's end.
      for (let turn = 0; turn < TURNS; turn++) await nextTurn();
      if (!call.cancelled) return await answer(request);
      throw new StepwellError("STEPWELL_DAEMON_UNREACHABLE", "The call was given up before it was read.");
    });
    handle(call, callback);
  };
}

/** Turns of the event loop. */
const TURNS = 3;
