/** The gRPC side of a command, loaded only when there is a daemon to speak to. */
import {
  type CallOptions,
  type ClientReadableStream,
  type ClientUnaryCall,
  credentials,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import { BundlesServiceClient } from "../../gen/stepwell/v1/bundles.js";
import { CurvesServiceClient } from "../../gen/stepwell/v1/curves.js";
import { DaemonServiceClient } from "../../gen/stepwell/v1/daemon.js";
import { DeadLettersServiceClient } from "../../gen/stepwell/v1/dead_letters.js";
import { GatewayServiceClient } from "../../gen/stepwell/v1/gateway.js";
import { IngestServiceClient } from "../../gen/stepwell/v1/ingest.js";
import { RunsServiceClient } from "../../gen/stepwell/v1/runs.js";
import { SecretsServiceClient } from "../../gen/stepwell/v1/secrets.js";
import { StacksServiceClient } from "../../gen/stepwell/v1/stacks.js";
import { StepsServiceClient } from "../../gen/stepwell/v1/steps.js";
import { TrackersServiceClient } from "../../gen/stepwell/v1/trackers.js";
import { CALL_MS_MAX } from "../../home/wait.js";
import { callError, unreachable } from "./call-error.js";

/** The daemon's services over one channel. */
export interface DaemonClients {
  readonly bundles: BundlesServiceClient;
  readonly curves: CurvesServiceClient;
  readonly daemon: DaemonServiceClient;
  readonly deadLetters: DeadLettersServiceClient;
  readonly gateway: GatewayServiceClient;
  readonly ingest: IngestServiceClient;
  readonly runs: RunsServiceClient;
  readonly secrets: SecretsServiceClient;
  readonly stacks: StacksServiceClient;
  readonly steps: StepsServiceClient;
  readonly trackers: TrackersServiceClient;
  /**
   * Makes one call of a bound method. Throws StepwellErrors: the daemon's own, or
   * STEPWELL_DAEMON_UNREACHABLE, also when the time is over.
   */
  readonly call: typeof call;
  /** Makes one call of a bound method that answers in pieces, and hands each on. Throws as `call`. */
  readonly stream: typeof stream;
  close(): void;
}

/** Clients for a gRPC target. Connects with the first call. */
export function openClients(target: string): DaemonClients {
  const insecure = credentials.createInsecure();
  // Some servers refuse the socket's path as an authority; a proxy never stands before a local daemon.
  const daemon = new DaemonServiceClient(target, insecure, {
    "grpc.default_authority": "localhost",
    "grpc.enable_http_proxy": 0,
    // A piece of a list has no bound in bytes.
    "grpc.max_receive_message_length": -1,
    "grpc.service_config_disable_resolution": 1,
  });
  const shared = { channelOverride: daemon.getChannel() };
  return {
    bundles: new BundlesServiceClient(target, insecure, shared),
    curves: new CurvesServiceClient(target, insecure, shared),
    daemon,
    deadLetters: new DeadLettersServiceClient(target, insecure, shared),
    gateway: new GatewayServiceClient(target, insecure, shared),
    ingest: new IngestServiceClient(target, insecure, shared),
    runs: new RunsServiceClient(target, insecure, shared),
    secrets: new SecretsServiceClient(target, insecure, shared),
    stacks: new StacksServiceClient(target, insecure, shared),
    steps: new StepsServiceClient(target, insecure, shared),
    trackers: new TrackersServiceClient(target, insecure, shared),
    call,
    stream,
    close: () => daemon.close(),
  };
}

type Method<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, response: Response) => void,
) => ClientUnaryCall;

function call<Request, Response>(
  method: Method<Request, Response>,
  request: Request,
  timeoutMs = CALL_MS_MAX,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const pending = method(request, new Metadata(), {}, (error, response) => {
      clearTimeout(timer);
      if (error) reject(callError(error));
      else resolve(response);
    });
    // Not gRPC's deadline, which follows the wall clock.
    const timer = setTimeout(() => {
      reject(unreachable(`The daemon did not answer within ${Math.ceil(timeoutMs / 1000)} s.`));
      pending.cancel();
    }, timeoutMs);
  });
}

function stream<Request, Piece>(
  method: (request: Request) => ClientReadableStream<Piece>,
  request: Request,
  take: (piece: Piece) => void,
  timeoutMs = CALL_MS_MAX,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const pending = method(request);
    const giveUp = () => {
      reject(unreachable(`The daemon did not answer within ${Math.ceil(timeoutMs / 1000)} s.`));
      pending.cancel();
    };
    let timer = setTimeout(giveUp, timeoutMs);
    pending.on("data", (piece: Piece) => {
      clearTimeout(timer);
      timer = setTimeout(giveUp, timeoutMs);
      take(piece);
    });
    pending.once("error", (error: ServiceError) => {
      clearTimeout(timer);
      reject(callError(error));
    });
    pending.once("end", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
