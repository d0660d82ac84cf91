/** A gRPC connection to the daemon: what grpc-js asks for, and what its errors mean. */
import {
  Client,
  type ClientUnaryCall,
  credentials,
  type Metadata,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { REMEDIES } from "../contract.js";
import { type Fault, StepwellClientError } from "../errors.js";
import { Message } from "../message.js";

/** Opens a connection to a gRPC target, for example "unix:/run/user/1000/stepwell/daemon.sock". */
export function openClient(target: string): Client {
  // A channel of its own for each connection: a shared one would keep grpc-js's own reconnect delays.
  return new Client(target, credentials.createInsecure(), {
    "grpc.default_authority": "localhost",
    "grpc.use_local_subchannel_pool": 1,
    "grpc.enable_retries": 0,
    // A proxy never stands before a local daemon.
    "grpc.enable_http_proxy": 0,
    "grpc.service_config_disable_resolution": 1,
    "grpc.max_receive_message_length": -1,
  });
}

/** A connection for calls. Each call is given up when its signal says so. */
export class Channel {
  readonly #target: string;
  readonly #client: Client;

  constructor(target: string) {
    this.#target = target;
    this.#client = openClient(target);
  }

  /** Makes a call with one answer. Rejects with the daemon's error, or STEPWELL_DAEMON_UNREACHABLE. */
  async ask(path: string, request: Uint8Array, signal: AbortSignal, waitMs?: number): Promise<Message> {
    let call: ClientUnaryCall | undefined;
    const cancel = () => call?.cancel();
    const timer = waitMs === undefined ? undefined : setTimeout(cancel, waitMs);
    signal.addEventListener("abort", cancel);
    const ended = await new Promise<ServiceError | Message | null | undefined>((resolve) => {
      const done = (error: ServiceError | null, answer?: Message) => resolve(answer ?? error);
      call = this.#client.makeUnaryRequest(path, asBuffer, readMessage, request, done);
      if (signal.aborted) cancel();
    });
    clearTimeout(timer);
    signal.removeEventListener("abort", cancel);
    if (ended instanceof Message) return ended;
    // Made here, so that its stack leads to who asked.
    throw this.#errorOf(ended);
  }

  /** Makes a call with many answers, and resolves after the last one. Rejects as `ask` does. */
  async read(
    path: string,
    request: Uint8Array,
    signal: AbortSignal,
    take: (answer: Message) => void,
  ): Promise<void> {
    const call = this.#client.makeServerStreamRequest(path, asBuffer, readMessage, request);
    const cancel = () => call.cancel();
    signal.addEventListener("abort", cancel);
    if (signal.aborted) cancel();
    const fault = await new Promise<ServiceError | undefined>((resolve) => {
      call.on("data", take);
      call.on("error", resolve);
      call.on("end", () => resolve(undefined));
    });
    signal.removeEventListener("abort", cancel);
    if (fault !== undefined) throw this.#errorOf(fault);
  }

  /** Closes it; calls that go on are to be given up before. */
  close(): void {
    this.#client.close();
  }

  #errorOf(error: ServiceError | null | undefined): StepwellClientError {
    // Nobody but this file cancels a call.
    if (error && error.code !== status.CANCELLED) return new StepwellClientError(faultOf(error));
    return new StepwellClientError("STEPWELL_DAEMON_UNREACHABLE", `${this.#target} has not answered.`);
  }
}

/** A message's bytes as grpc-js takes them. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The daemon's own code when it sent one, else the transport's words. */
export function faultOf(error: ServiceError): Fault {
  const code = textIn(error.metadata, "stepwell-code");
  if (code !== undefined) {
    return { code, sentence: error.details, remedy: textIn(error.metadata, "stepwell-remedy") ?? "" };
  }
  const sentence = `${status[error.code] ?? error.code}: ${error.details}.`;
  return { code: "STEPWELL_DAEMON_UNREACHABLE", sentence, remedy: REMEDIES.STEPWELL_DAEMON_UNREACHABLE };
}

function readMessage(bytes: Uint8Array): Message {
  return new Message(bytes);
}

function textIn(metadata: Metadata | undefined, key: string): string | undefined {
  const [value] = metadata?.get(key) ?? [];
  return typeof value === "string" ? value : undefined;
}
