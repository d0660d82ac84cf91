/** One gRPC stream to the daemon; everything that grpc-js asks for stands in this file. */
import { Client, credentials, type Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { REMEDIES } from "../contract.js";
import type { Fault } from "../errors.js";
import {
  type Answer,
  decodeAnswer,
  decodeToldRun,
  encodeClose,
  encodeGetRun,
  type ToldRun,
} from "../wire.js";

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
  // A channel of its own for each stream: a shared one would keep grpc-js's own reconnect delays.
  const client = new Client(target, credentials.createInsecure(), {
    "grpc.default_authority": "localhost",
    "grpc.use_local_subchannel_pool": 1,
    "grpc.enable_retries": 0,
    // A proxy never stands before a local daemon.
    "grpc.enable_http_proxy": 0,
    "grpc.service_config_disable_resolution": 1,
    "grpc.max_receive_message_length": -1,
  });
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

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The daemon's own code when it sent one, else the transport's words. */
function faultOf(error: ServiceError): Fault {
  const code = textIn(error.metadata, "stepwell-code");
  if (code !== undefined) {
    return { code, sentence: error.details, remedy: textIn(error.metadata, "stepwell-remedy") ?? "" };
  }
  const sentence = `${status[error.code] ?? error.code}: ${error.details}.`;
  return { code: "STEPWELL_DAEMON_UNREACHABLE", sentence, remedy: REMEDIES.STEPWELL_DAEMON_UNREACHABLE };
}

function textIn(metadata: Metadata | undefined, key: string): string | undefined {
  const [value] = metadata?.get(key) ?? [];
  return typeof value === "string" ? value : undefined;
}
