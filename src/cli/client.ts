/** The gRPC side of a command: one channel to a daemon, calls that end, errors of our table. */
import {
  type CallOptions,
  type ClientUnaryCall,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { StepwellError } from "../errors/stepwell-error.js";
import { ERRORS, type ErrorCode } from "../errors/table.js";
import { DaemonServiceClient } from "../gen/stepwell/v1/daemon.js";
import { RunsServiceClient } from "../gen/stepwell/v1/runs.js";
import { StacksServiceClient } from "../gen/stepwell/v1/stacks.js";

/** How long a call may take that has nothing to wait for, in milliseconds. */
export const CALL_MS_MAX = 10_000;

/** The daemon's services over one channel. */
export interface DaemonClients {
  readonly daemon: DaemonServiceClient;
  readonly runs: RunsServiceClient;
  readonly stacks: StacksServiceClient;
  close(): void;
}

/** Clients for a gRPC target. Connects with the first call. */
export function openClients(target: string): DaemonClients {
  const insecure = credentials.createInsecure();
  // Some servers refuse the socket's path as an authority; a proxy never stands before a local daemon.
  const daemon = new DaemonServiceClient(target, insecure, {
    "grpc.default_authority": "localhost",
    "grpc.enable_http_proxy": 0,
    "grpc.service_config_disable_resolution": 1,
  });
  const shared = { channelOverride: daemon.getChannel() };
  return {
    daemon,
    runs: new RunsServiceClient(target, insecure, shared),
    stacks: new StacksServiceClient(target, insecure, shared),
    close: () => daemon.close(),
  };
}

type Method<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, response: Response) => void,
) => ClientUnaryCall;

/** One call, given as a bound method. Throws StepwellErrors; STEPWELL_DAEMON_UNREACHABLE when the time is over. */
export function call<Request, Response>(
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

/** The daemon's own code where it sent one that this version knows, else what the gRPC status says. */
export function callError(error: ServiceError): StepwellError {
  const [code] = error.metadata?.get("stepwell-code") ?? [];
  if (typeof code === "string" && isKnown(code))
    return new StepwellError(code, error.details, { cause: error });
  if (error.code === status.UNAVAILABLE || error.code === status.CANCELLED) {
    return unreachable("The daemon can't be reached, or it is ending.", error);
  }
  if (error.code === status.UNIMPLEMENTED) {
    const sentence = "The daemon that runs does not know this command.";
    return new StepwellError("STEPWELL_VERSION_MISMATCH", sentence, { cause: error });
  }
  const sentence = typeof code === "string" ? `${error.details} (${code})` : error.details;
  return new StepwellError("STEPWELL_INTERNAL", sentence, { cause: error });
}

/** The daemon is out of reach. */
export function unreachable(sentence: string, cause?: unknown): StepwellError {
  return new StepwellError("STEPWELL_DAEMON_UNREACHABLE", sentence, { cause });
}

function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}
