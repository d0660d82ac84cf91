import { FLUSH_WAIT_MS } from "./contract.js";
import { StepwellClientError } from "./errors.js";
import { atExit, type ExitTask } from "./exit.js";
import { flushPipeline } from "./flush.js";
import { patienceOf } from "./patience.js";
import { Pipeline } from "./pipeline.js";
import { Run, type RunOptions } from "./run.js";
import { type ClientOptions, completeOptions } from "./settings.js";

/** How long to wait, in milliseconds. */
export interface WaitOptions {
  readonly timeoutMs?: number;
}

/** What became of what was logged. An entry is a point, a param or a tag. */
export interface ClientStats {
  /** Entries written to the daemon, each counted once. */
  readonly sent: number;
  /** Entries on the daemon's disk. */
  readonly acknowledged: number;
  /** Entries that the daemon refused; the first of each kind is a warning. */
  readonly rejected: number;
  /** Entries that were not taken because the buffer was full or the client had failed. */
  readonly dropped: number;
  /** The points among `sent`. */
  readonly sentPoints: number;
  /** The points among `acknowledged`. */
  readonly acknowledgedPoints: number;
  /** Bytes that wait for an acknowledgement. */
  readonly bufferedBytes: number;
  /** Streams that were opened so far. */
  readonly connects: number;
}

/**
 * A connection to the daemon of one home, with a thread of its own that sends. Safe to
 * use in several worker threads, each with its own client.
 */
export class StepwellClient {
  readonly #pipeline: Pipeline;
  readonly #runs = new Set<Run>();
  readonly #exitTask: ExitTask;
  #isClosed = false;

  /** Throws STEPWELL_SETTING_INVALID. Returns at once: the daemon is looked for, or started, meanwhile. */
  constructor(options: ClientOptions = {}) {
    const settings = completeOptions(options, process.env);
    this.#pipeline = new Pipeline(settings);
    this.#exitTask = atExit({
      pipeline: this.#pipeline,
      waitMs: settings.exitWaitMs,
      endRuns: (status) => {
        for (const run of this.#runs) run.end(status);
      },
    });
  }

  /**
   * Starts a run, or goes on with one that exists. In a program that `stepwell run` started it
   * logs to that command's run, which the command ends. Throws when a name or the id is invalid.
   */
  startRun(options: RunOptions = {}): Run {
    if (this.#isClosed) throw new StepwellClientError("STEPWELL_CLIENT_CLOSED", "This client was closed.");
    const inherited = options.runId === undefined ? process.env["STEPWELL_RUN_ID"] || undefined : undefined;
    const run = new Run(this.#pipeline, options, (ended) => this.#runs.delete(ended), inherited);
    this.#runs.add(run);
    return run;
  }

  /** Starts a run for a function; ends it as FINISHED, or as FAILED when the function throws. */
  async withRun<T>(options: RunOptions, work: (run: Run) => T | Promise<T>): Promise<T> {
    const run = this.startRun(options);
    try {
      const result = await work(run);
      run.end("FINISHED");
      return result;
    } catch (error) {
      run.end("FAILED");
      throw error;
    }
  }

  /**
   * Resolves when everything that was logged before is on the daemon's disk. Rejects with
   * STEPWELL_FLUSH_TIMEOUT at the deadline (nothing is given up: the client goes on), and
   * with the daemon's code when the stream has failed for good. Default: 60 s.
   */
  async flush({ timeoutMs = FLUSH_WAIT_MS }: WaitOptions = {}): Promise<void> {
    // What was logged since is dropped, so that nothing is left to wait for.
    if (this.#pipeline.fault !== undefined) throw new StepwellClientError(this.#pipeline.fault);
    await flushPipeline(this.#pipeline, patienceOf(timeoutMs));
  }

  /** Flushes, then ends the producer and its thread. Rejects as flush() does, and is closed nevertheless. */
  async close(options: WaitOptions = {}): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#exitTask.cancel();
    try {
      await this.flush(options);
      await this.#pipeline.stop();
      this.#pipeline.removeSpool();
    } finally {
      await this.#pipeline.terminate();
    }
  }

  /** What became of what was logged so far. */
  stats(): ClientStats {
    const { counters } = this.#pipeline;
    return {
      sent: counters.get("sentEntries"),
      acknowledged: counters.get("acknowledgedEntries"),
      rejected: counters.get("rejectedEntries"),
      dropped: this.#pipeline.dropped,
      sentPoints: counters.get("sentPoints"),
      acknowledgedPoints: counters.get("acknowledgedPoints"),
      bufferedBytes: this.#pipeline.bufferedBytes,
      connects: counters.get("connects"),
    };
  }
}
