/** One gRPC stream of logs to the daemon. */
import type { ServiceError } from "@grpc/grpc-js";
import type { Fault } from "../errors.js";
import {
  type Answer,
  decodeAnswer,
  decodeToldRun,
  encodeClose,
  encodeGetRun,
  type ToldRun,
} from "../wire.js";
import { asBuffer, faultOf, openClient } from "./channel.js";

const INGEST = "/stepwell.v1.IngestService/Ingest";
const GET_RUN = "/stepwell.v1.RunsService/GetRun";

/** How long the daemon may take to tell of a run. */
const ASK_WAIT_MS = 5_000;

/** Who listens to a stream. onEnd is called once, last. */
export interface StreamListener {
  onAnswer(answer: Answer): void;
  onEnd(reason: Fault): void;
}

/** An open stream. */
export interface Stream {
  send(message: Uint8Array): void;
  /** Asks the daemon of a run, beside the stream. */
  ask(runId: string): Promise<ToldRun>;
  /** Ends the producer for good and half-closes. */
  close(): void;
  /** Gives the stream up at once; onEnd is not called. */
  abandon(): void;
}

/** Opens a stream to a gRPC target, for example "unix:/run/user/1000/stepwell/daemon.sock". */
export function openStream(target: string, hello: Uint8Array, listener: StreamListener): Stream {
  const client = openClient(target);
  const call = client.makeBidiStreamRequest(INGEST, asBuffer, decodeAnswer);
  let ended = false;
  const end = (reason: Fault | undefined) => {
    if (ended) return;
    ended = true;
    client.close();
    if (reason !== undefined) listener.onEnd(reason);
  };
  call.on("data", (answer: Answer) => {
    if (!ended) listener.onAnswer(answer);
  });
  call.on("error", (error: ServiceError) => end(faultOf(error)));
  call.on("end", () => end(ENDED));
  call.write(hello);
  return {
    send: (message) => void call.write(message),
    ask: (runId) =>
      new Promise((resolve, reject) => {
        const deadline = Date.now() + ASK_WAIT_MS;
        client.makeUnaryRequest(
          GET_RUN,
          asBuffer,
          decodeToldRun,
          encodeGetRun(runId),
          { deadline },
          (error, run) => (run ? resolve(run) : reject(error ?? new Error("no answer"))),
        );
      }),
    close: () => {
      call.write(encodeClose());
      call.end();
    },
    abandon: () => {
      end(undefined);
      call.cancel();
    },
  };
}

const ENDED: Fault = {
  code: "STEPWELL_DAEMON_UNREACHABLE",
  sentence: "The daemon ended the stream.",
  remedy: "",
};
