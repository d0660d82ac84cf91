/**
 * What happens to a client that is still open when its process ends.
 *
 * When the event loop has run dry the client flushes as ever, for a bounded time. After
 * process.exit() or an uncaught error no event is delivered any more, but the sender's
 * thread still runs: this thread waits for it in shared memory.
 */
import { clientFault } from "./errors.js";
import { flushPipeline, flushPipelineNow } from "./flush.js";
import { EXIT_WAIT_MS } from "./limits.js";
import type { Pipeline } from "./pipeline.js";
import { warnAtExit } from "./warning.js";

type ExitStatus = "FINISHED" | "FAILED";

/** What is to be done for one client when the process ends. */
export interface ExitTask {
  /** Not any more: the client was closed. */
  cancel(): void;
}

interface OpenClient {
  readonly pipeline: Pipeline;
  readonly endRuns: (status: ExitStatus) => void;
}

const open = new Set<OpenClient>();
let isListening = false;

/** Ends the client's runs when the process ends, FAILED when its exit code is not 0, and flushes. */
export function atExit(pipeline: Pipeline, endRuns: (status: ExitStatus) => void): ExitTask {
  const client = { pipeline, endRuns };
  open.add(client);
  if (!isListening) {
    isListening = true;
    process.on("beforeExit", (code) => void settle(statusOf(code)));
    process.on("exit", (code) => settleNow(statusOf(code)));
  }
  return { cancel: () => void open.delete(client) };
}

/** A process ends in beforeExit only when no work is left; flushing is work, so that it is emitted again. */
async function settle(status: ExitStatus): Promise<void> {
  const clients = [...open];
  open.clear();
  await Promise.all(clients.map((client) => settleClient(client, status)));
}

async function settleClient({ pipeline, endRuns }: OpenClient, status: ExitStatus): Promise<void> {
  endRuns(status);
  try {
    await flushPipeline(pipeline, EXIT_WAIT_MS);
    await pipeline.stop();
  } catch (error) {
    warnAtExit(clientFault("STEPWELL_FLUSH_TIMEOUT", `At the end of the process: ${String(error)}`));
  }
  await pipeline.terminate();
}

function settleNow(status: ExitStatus): void {
  const deadlineMs = performance.now() + EXIT_WAIT_MS;
  for (const { pipeline, endRuns } of open) {
    endRuns(status);
    const fault = flushPipelineNow(pipeline, Math.max(0, deadlineMs - performance.now()));
    if (fault !== undefined) warnAtExit(fault);
  }
  open.clear();
}

function statusOf(exitCode: number): ExitStatus {
  return exitCode === 0 ? "FINISHED" : "FAILED";
}
