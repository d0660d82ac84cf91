import type { ServerWritableStream } from "@grpc/grpc-js";
import { StepwellError } from "../errors/stepwell-error.js";
import type {
  DaemonServiceServer,
  FlushResponse,
  GetInfoResponse,
  ListLanesResponse,
  Status,
  WatchStatusRequest,
  WatchStatusResponse,
} from "../gen/stepwell/v1/daemon.js";
import { CLIENT_LIMITS } from "../model/client-limits.js";
import { pieces } from "./pieces.js";
import { unary } from "./unary.js";

export interface DaemonServiceOptions {
  /** Asked each time: the home may take a new id. */
  readonly info: () => GetInfoResponse;
  readonly status: () => Status;
  /** The lanes of one run that hold entries, or of all, in pieces. */
  readonly lanes: (runId: string) => Iterable<ListLanesResponse>;
  /**
   * Waits until backends have all that was journaled or spooled before the call, of some runs or of all; false when the time
   * is over. Rejects with STEPWELL_RUN_UNKNOWN.
   */
  readonly drain: (timeoutMs: number, runIds: readonly string[]) => Promise<boolean>;
  /** What is not there of these runs, or of all. */
  readonly left: (runIds: readonly string[]) => Promise<Pick<FlushResponse, "lanes" | "deadLetters">>;
  /** Begins the end of the daemon. */
  readonly shutDown: (drainMs: number) => void;
  /** Aborted when the daemon ends: whoever waits is told at once. */
  readonly closing: AbortSignal;
}

const FLUSH_MS_DEFAULT = 60_000;
const FLUSH_MS_MAX = 86_400_000;
const DRAIN_MS_MAX = 3_600_000;
const DRAIN_RUNS_MAX = CLIENT_LIMITS.DRAIN_RUNS_MAX.value;
const INTERVAL_MS_DEFAULT = 1_000;

export function daemonService(options: DaemonServiceOptions): DaemonServiceServer {
  const { info, status, lanes, drain, left, shutDown, closing } = options;
  return {
    getInfo: unary(info),
    getStatus: unary(() => ({ status: status() })),
    listLanes: pieces(({ runId }) => lanes(runId)),
    watchStatus: (call) => watch(call, status, closing),
    flush: unary(async ({ timeoutMs, runIds }) => {
      checkRuns(runIds);
      const draining = drain(Math.min(FLUSH_MS_MAX, timeoutMs || FLUSH_MS_DEFAULT), runIds);
      const drained = await untilClosing(draining, closing);
      return { drained, status: status(), ...(await left(runIds)) };
    }),
    shutdown: unary(({ drainMs }) => {
      // The answer has to leave before the server closes.
      setImmediate(shutDown, Math.min(DRAIN_MS_MAX, drainMs));
      return {};
    }),
  };
}

function checkRuns(runIds: readonly string[]): void {
  if (runIds.length <= DRAIN_RUNS_MAX) return;
  const sentence = `${runIds.length} runs were named; ${DRAIN_RUNS_MAX} may be.`;
  throw new StepwellError("STEPWELL_SETTING_INVALID", sentence);
}

/** The work's result, or STEPWELL_DAEMON_STOPPING as soon as the daemon ends. */
async function untilClosing<Value>(work: Promise<Value>, closing: AbortSignal): Promise<Value> {
  return await new Promise((resolve, reject) => {
    const stop = () => reject(new StepwellError("STEPWELL_DAEMON_STOPPING", "The daemon is stopping."));
    closing.addEventListener("abort", stop, { once: true });
    const done = () => closing.removeEventListener("abort", stop);
    work.finally(done).then(resolve, reject);
  });
}

function watch(
  call: ServerWritableStream<WatchStatusRequest, WatchStatusResponse>,
  status: () => Status,
  closing: AbortSignal,
): void {
  const intervalMs = Math.min(60_000, Math.max(50, call.request.intervalMs || INTERVAL_MS_DEFAULT));
  let isFull = false;
  // A watcher that does not read gets fewer answers, never a growing buffer.
  const send = () => {
    if (!isFull) isFull = !call.write({ status: status() });
  };
  call.on("drain", () => {
    isFull = false;
  });
  const timer = setInterval(send, intervalMs);
  const end = () => void call.end();
  closing.addEventListener("abort", end, { once: true });
  for (const event of ["cancelled", "close", "error"]) {
    call.on(event, () => {
      clearInterval(timer);
      closing.removeEventListener("abort", end);
    });
  }
  send();
}
