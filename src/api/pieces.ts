import type { handleServerStreamingCall, ServerWritableStream } from "@grpc/grpc-js";
import { callErrorOf } from "./call-error.js";

/** A handler that streams what a function answers piece by piece, no faster than the caller reads. */
export function pieces<Request, Piece>(
  answer: (request: Request) => Iterable<Piece>,
): handleServerStreamingCall<Request, Piece> {
  return (call) => {
    void send(call, answer).then(
      () => call.end(),
      (error: unknown) => call.emit("error", callErrorOf(error)),
    );
  };
}

async function send<Request, Piece>(
  call: ServerWritableStream<Request, Piece>,
  answer: (request: Request) => Iterable<Piece>,
): Promise<void> {
  for (const piece of answer(call.request)) {
    if (call.cancelled || call.destroyed) return;
    if (call.write(piece)) continue;
    await new Promise<void>((resolve) => {
      for (const event of ["drain", "cancelled", "close"]) call.once(event, resolve);
    });
  }
}
