/**
 * The ingest stream over gRPC. Requests stay bytes up to the session: decoding them here
 * would copy every column into an array of big integers.
 */
import type { MethodDefinition, ServerDuplexStream } from "@grpc/grpc-js";
import { type IngestResponse, IngestServiceService } from "../gen/stepwell/v1/ingest.js";
import type { Door } from "../ingest/door.js";
import type { Reception } from "../ingest/reception.js";
import { Session } from "../ingest/session.js";
import { callErrorOf } from "./call-error.js";

type RawMethod = MethodDefinition<Buffer, IngestResponse>;

/** The service's definition with requests as they came over the wire. */
export const rawIngestService: { readonly ingest: RawMethod } = {
  ingest: {
    ...IngestServiceService.ingest,
    requestSerialize: (bytes) => bytes,
    requestDeserialize: (bytes) => bytes,
  },
};

export function ingestService(door: Door, reception: Reception) {
  return {
    ingest: (call: ServerDuplexStream<Buffer, IngestResponse>): void => {
      const session = new Session(door, reception, {
        send: (response) => void call.write(response),
        // The status goes out behind everything that was written before.
        end: (error) => void (error ? call.emit("error", asError(error)) : call.end()),
        setPaused: (paused) => void (paused ? call.pause() : call.resume()),
      });
      call.on("data", (bytes: Buffer) => session.receive(bytes));
      call.on("end", () => session.finish());
      call.on("cancelled", () => session.disconnected());
      // A broken connection reports itself as cancelled too; without a listener it would end the daemon.
      call.on("error", () => session.disconnected());
    },
  };
}

function asError(thrown: unknown): Error {
  return Object.assign(new Error(), callErrorOf(thrown));
}
