/** The gRPC side of a command, loaded only when there is a daemon to speak to. */
import {
  type CallOptions,
  type ClientUnaryCall,
  credentials,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import { DaemonServiceClient } from "../gen/stepwell/v1/daemon.js";
import { DeadLettersServiceClient } from "../gen/stepwell/v1/dead_letters.js";
import { RunsServiceClient } from "../gen/stepwell/v1/runs.js";
import { StacksServiceClient } from "../gen/stepwell/v1/stacks.js";
import { callError, unreachable } from "./call-error.js";
import { CALL_MS_MAX } from "./wait.js";

/** The daemon's services over one channel. */
export interface DaemonClients {
  readonly daemon: DaemonServiceClient;
  readonly deadLetters: DeadLettersServiceClient;
  readonly runs: RunsServiceClient;
  readonly stacks: StacksServiceClient;
  /**
   * Makes one call of a bound method. Throws StepwellErrors: the daemon's own, or
   * STEPWELL_DAEMON_UNREACHABLE, also when the time is over.
   */
  readonly call: typeof call;
  close(): void;
}

/** Clients for a gRPC target. Connects with the first call. */
export function openClients(target: string): DaemonClients {
  const insecure = credentials.createInsecure();
  // Some servers refuse the socket's path as an authority; a proxy never stands before a local daemon.
  const daemon = new DaemonServiceClient(target, insecure, {
    "grpc.default_authority": "localhost",
    "grpc.enable_http_proxy": 0,
    // Lists come in one message: 100,000 components take 10 MB and more.
    "grpc.max_receive_message_length": -1,
    "grpc.service_config_disable_resolution": 1,
  });
  const shared = { channelOverride: daemon.getChannel() };
  return {
    daemon,
    deadLetters: new DeadLettersServiceClient(target, insecure, shared),
    runs: new RunsServiceClient(target, insecure, shared),
    stacks: new StacksServiceClient(target, insecure, shared),
    call,
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
      reject(unreachable(`The daemon did not answer within ${timeoutMs / 1000} s.`));
      pending.cancel();
    }, timeoutMs);
  });
}
