import type { handleUnaryCall } from "@grpc/grpc-js";
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
