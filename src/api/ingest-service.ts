/**
 * The ingest stream over gRPC. Requests stay bytes up to the session: decoding them here
 * would copy every column into an array of big integers.
 */
import type { MethodDefinition, ServerDuplexStream } from "@grpc/grpc-js";
import { type IngestResponse, IngestServiceService } from "../gen/stepwell/v1/ingest.js";
import type { Door } from "../ingest/door.js";
import { OpenStreams } from "../ingest/open-streams.js";
import type { Reception } from "../ingest/reception.js";
import { Session } from "../ingest/session.js";
import { asError, closeAnswered, countOf } from "./call-stream.js";

type RawMethod = MethodDefinition<Buffer, IngestResponse>;

/** The service's definition with requests as they came over the wire. */
export const rawIngestService: { readonly ingest: RawMethod } = {
  ingest: {
    ...IngestServiceService.ingest,
    requestSerialize: (bytes) => bytes,
    requestDeserialize: (bytes) => bytes,
  },
};

export function ingestService(door: Door, reception: Reception, streams = new OpenStreams()) {
  return {
    ingest: (call: ServerDuplexStream<Buffer, IngestResponse>): void => {
      const count = countOf(call);
      const session = new Session(door, reception, {
        // gRPC keeps what a client does not read, without a bound: it has to be asked.
        send: (response) => call.write(response),
        // The status goes out behind everything that was written before.
        end: (error) => {
          streams.leave(session);
          closeAnswered(call, error?.code === "STEPWELL_STREAMS_FULL");
          if (error) call.emit("error", asError(error));
          else call.end();
        },
        setPaused: (paused) => void (paused ? call.pause() : call.resume()),
        taken: (bytes) => count.taken(bytes),
      });
      call.on("data", (bytes: Buffer) => {
        streams.greeted(session);
        session.receive(bytes);
      });
      call.on("drain", () => session.drained());
      call.on("end", () => session.finish());
      const gone = () => {
        streams.leave(session);
        session.disconnected();
      };
      call.on("cancelled", gone);
      // A broken connection reports itself as cancelled too; without a listener it would end the daemon.
      call.on("error", gone);
      count.widen();
      streams.add(session);
    },
  };
}
