/**
 * What happens to a client that is still open when its process ends.
 *
 * When the event loop has run dry the client flushes as ever, as long as acknowledgements go on arriving. After
 * process.exit() or an uncaught error no event is delivered any more, but the sender's
 * thread still runs: this thread waits for it in shared memory. What the daemon does not have by then stays in
 * the home's spool.
 */
import { clientFault } from "./errors.js";
import { flushPipeline, flushPipelineNow } from "./flush.js";
import { patienceBetween } from "./patience.js";
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
  /** How long the next acknowledgement is waited for. */
  readonly waitMs: number;
  readonly endRuns: (status: ExitStatus) => void;
}

const open = new Set<OpenClient>();
let isListening = false;

/** Ends the client's runs when the process ends, FAILED when its exit code is not 0, and flushes. */
export function atExit(client: OpenClient): ExitTask {
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

async function settleClient({ pipeline, waitMs, endRuns }: OpenClient, status: ExitStatus): Promise<void> {
  endRuns(status);
  try {
    await flushPipeline(pipeline, patienceBetween(waitMs));
    await pipeline.stop();
    pipeline.removeSpool();
  } catch (error) {
    const sentence = `At the end of the process: ${String(error)}${toldOf(pipeline)}`;
    warnAtExit(clientFault("STEPWELL_FLUSH_TIMEOUT", sentence));
  }
  await pipeline.terminate();
}

function settleNow(status: ExitStatus): void {
  // One for all: a daemon that is away is waited for once.
  const patience = patienceBetween(Math.max(...[...open].map(({ waitMs }) => waitMs), 0));
  for (const { pipeline, endRuns } of open) {
    pipeline.exit();
    endRuns(status);
    pipeline.keep();
    const fault = flushPipelineNow(pipeline, patience);
    if (fault === undefined) {
      pipeline.removeSpool();
      pipeline.tellNow();
      continue;
    }
    warnAtExit({ ...fault, sentence: `${fault.sentence}${toldOf(pipeline)}` });
  }
  open.clear();
}

function toldOf({ isKept }: Pipeline): string {
  return isKept ? " They are in the home's spool, for the daemon." : "";
}

function statusOf(exitCode: number): ExitStatus {
  return exitCode === 0 ? "FINISHED" : "FAILED";
}
