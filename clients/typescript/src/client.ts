import { type CallOptions, checkMs } from "./calls/call-bound.js";
import { Caller } from "./calls/caller.js";
import { FLUSH_WAIT_MS, WELCOME_WAIT_MS } from "./contract.js";
import { StepwellClientError } from "./errors.js";
import { atExit, type ExitTask } from "./exit.js";
import { flushPipeline } from "./flush.js";
import {
  CALL_WAIT_MS_MAX,
  DRAIN_ANSWER_MS,
  WATCH_INTERVAL_MS,
  WATCH_INTERVAL_MS_MAX,
  WATCH_INTERVAL_MS_MIN,
} from "./limits.js";
import { patienceOf } from "./patience.js";
import { Pipeline } from "./pipeline.js";
import { Run, type RunOptions } from "./run.js";
import { type ClientOptions, type ClientSettings, completeOptions } from "./settings.js";
import {
  answeredComponent,
  answeredSecret,
  answeredStack,
  type Component,
  createSecret,
  GET_ACTIVE_STACK,
  LIST_SECRETS,
  LIST_STACKS,
  LIST_TRACKERS,
  listedComponents,
  listedSecrets,
  listedStacks,
  registerStack,
  registerTracker,
  type Secret,
  type Stack,
  type StackOptions,
  type Texts,
  type Tracker,
} from "./stacks.js";
import {
  type DaemonState,
  type Drained,
  drainedOf,
  drainRuns,
  GET_STATUS,
  getRun,
  NOTHING_LEFT,
  type RunState,
  runStateOf,
  stateOf,
  watchStatus,
} from "./state.js";
import { SYSTEM_METRICS_TAG, systemMetricsTag } from "./system-metrics.js";

/** How long to wait, in milliseconds. */
export interface WaitOptions {
  readonly timeoutMs?: number;
}

/** How a state is watched. */
export interface WatchOptions extends CallOptions {
  /** Milliseconds between two states, from 50 to 60,000. Default: 1,000. */
  readonly intervalMs?: number | undefined;
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
 * A client of the daemon of one home. What it logs is sent by a thread of its own, from the first run on. Safe to
 * use in several worker threads, each with its own client.
 *
 * Methods that ask the daemon something start one where there is none, and try again while it is in trouble: for 20 s
 * unless `timeoutMs` says otherwise. Then they reject with that trouble, STEPWELL_DAEMON_UNREACHABLE for example. One whose
 * signal fires rejects with the signal's reason, and one whose client is closed with STEPWELL_CLIENT_CLOSED.
 */
export class StepwellClient {
  readonly #settings: ClientSettings;
  readonly #calls: Caller;
  readonly #runs = new Set<Run>();
  /** From the first run on: who only asks needs neither the thread nor the spool. */
  #pipeline: Pipeline | undefined;
  #exitTask: ExitTask | undefined;
  #isClosed = false;

  /** Throws STEPWELL_SETTING_INVALID and STEPWELL_HOME_UNUSABLE. Waits for nothing, and starts nothing. */
  constructor(options: ClientOptions = {}) {
    this.#settings = completeOptions(options, process.env);
    this.#calls = new Caller(this.#settings);
  }

  /**
   * Starts a run, or goes on with one that exists. In a program that `stepwell run` started it
   * logs to that command's run, which the command ends. Throws when a name or the id is invalid.
   */
  startRun(options: RunOptions = {}): Run {
    if (this.#isClosed) throw new StepwellClientError("STEPWELL_CLIENT_CLOSED", "This client was closed.");
    const inherited = options.runId === undefined ? process.env["STEPWELL_RUN_ID"] || undefined : undefined;
    const asked = systemMetricsTag(options.systemMetrics, process.env);
    const run = new Run(this.#opened(), options, (ended) => this.#runs.delete(ended), inherited);
    this.#runs.add(run);
    if (asked !== undefined) run.setTag(SYSTEM_METRICS_TAG, asked);
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
    const pipeline = this.#pipeline;
    if (pipeline === undefined) return;
    // What was logged since is dropped, so that nothing is left to wait for.
    if (pipeline.fault !== undefined) throw new StepwellClientError(pipeline.fault);
    await flushPipeline(pipeline, patienceOf(timeoutMs));
  }

  /**
   * Resolves when the backends have confirmed everything that this client logged before: flush(), and more. What is flushed
   * outlives this process and a power cut, but not this machine's disk; what is drained is where it was to go. At the deadline
   * it answers what is not there yet, and the daemon goes on with it. Default: 60 s, at most a day. Rejects as flush() does,
   * with STEPWELL_SETTING_INVALID, and with STEPWELL_RUN_UNKNOWN where the home was replaced since.
   */
  async drain({ timeoutMs = FLUSH_WAIT_MS }: WaitOptions = {}): Promise<Drained> {
    checkMs("timeoutMs", timeoutMs, 1, CALL_WAIT_MS_MAX - DRAIN_ANSWER_MS);
    const pipeline = this.#pipeline;
    if (pipeline === undefined) return NOTHING_LEFT;
    const endMs = performance.now() + timeoutMs;
    await this.flush({ timeoutMs });
    const leftMs = Math.max(1, Math.round(endMs - performance.now()));
    const runIds = pipeline.runIds.all();
    if (runIds?.length === 0) return NOTHING_LEFT;
    const call = drainRuns(leftMs, runIds ?? []);
    return drainedOf(await this.#calls.ask(call, { timeoutMs: leftMs + DRAIN_ANSWER_MS }));
  }

  /**
   * Flushes, then ends the producer and its thread, and gives up what still asks the daemon. Rejects as flush() does, and is
   * closed nevertheless.
   */
  async close(options: WaitOptions = {}): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#calls.close();
    this.#exitTask?.cancel();
    const pipeline = this.#pipeline;
    if (pipeline === undefined) return;
    try {
      await this.flush(options);
      await pipeline.stop();
      pipeline.removeSpool();
    } finally {
      await pipeline.terminate();
    }
  }

  /** What became of what was logged so far. */
  stats(): ClientStats {
    const counters = this.#pipeline?.counters;
    return {
      sent: counters?.get("sentEntries") ?? 0,
      acknowledged: counters?.get("acknowledgedEntries") ?? 0,
      rejected: counters?.get("rejectedEntries") ?? 0,
      dropped: this.#pipeline?.dropped ?? 0,
      sentPoints: counters?.get("sentPoints") ?? 0,
      acknowledgedPoints: counters?.get("acknowledgedPoints") ?? 0,
      bufferedBytes: this.#pipeline?.bufferedBytes ?? 0,
      connects: counters?.get("connects") ?? 0,
    };
  }

  /** What is queued, delivered and wrong at the daemon. */
  async state(options?: CallOptions): Promise<DaemonState> {
    return stateOf(await this.#calls.ask(GET_STATUS, options));
  }

  /**
   * The daemon's state at once and then at each interval, until the loop over it ends. A slow loop gets the newest, and
   * misses those before. `timeoutMs` bounds how long the first one is waited for. Ends by throwing: the signal's reason;
   * STEPWELL_DAEMON_UNREACHABLE when the daemon went away or says nothing for 10 s longer than the interval;
   * STEPWELL_SETTING_INVALID for another interval.
   */
  async *watchState(options: WatchOptions = {}): AsyncGenerator<DaemonState, void> {
    const { intervalMs = WATCH_INTERVAL_MS } = options;
    checkMs("intervalMs", intervalMs, WATCH_INTERVAL_MS_MIN, WATCH_INTERVAL_MS_MAX);
    const call = watchStatus(Math.round(intervalMs));
    const answers = this.#calls.watch(call, intervalMs + WELCOME_WAIT_MS, options);
    for await (const answer of answers) yield stateOf(answer);
  }

  /**
   * A run as the daemon knows it, by its id or the beginning of one, at least 4 digits. Rejects with STEPWELL_RUN_UNKNOWN or
   * STEPWELL_NAME_AMBIGUOUS.
   */
  async runState(runId: string, options?: CallOptions): Promise<RunState> {
    return runStateOf(await this.#calls.ask(getRun(runId), options));
  }

  /** All stacks, by name. */
  async stacks(options?: CallOptions): Promise<Stack[]> {
    return listedStacks(await this.#calls.list(LIST_STACKS, options));
  }

  /** The stack whose default tracker runs go to, unless they name another. */
  async activeStack(options?: CallOptions): Promise<Stack> {
    return answeredStack(await this.#calls.ask(GET_ACTIVE_STACK, options));
  }

  /** All experiment trackers, by name. */
  async trackers(options?: CallOptions): Promise<Component[]> {
    return listedComponents(await this.#calls.list(LIST_TRACKERS, options));
  }

  /**
   * Adds an experiment tracker. Runs go to it once the active stack has it: registerStack(); the default stack takes the
   * first one that is registered by itself. Rejects with STEPWELL_NAME_TAKEN, STEPWELL_NAME_INVALID,
   * STEPWELL_FLAVOR_UNKNOWN or STEPWELL_CONFIG_INVALID. Like every call that changes something, it is not tried again after
   * a connection broke in the midst of it: the error's sentence then says that it may have been carried out.
   */
  async registerTracker(tracker: Tracker, options?: CallOptions): Promise<Component> {
    return answeredComponent(await this.#calls.change(registerTracker(tracker), options));
  }

  /**
   * Adds a stack of trackers, the first of which is its default one, with the default artifact store and orchestrator.
   * Rejects with STEPWELL_COMPONENT_UNKNOWN, STEPWELL_NAME_TAKEN or STEPWELL_NAME_INVALID.
   */
  async registerStack(stack: StackOptions, options?: CallOptions): Promise<Stack> {
    return answeredStack(await this.#calls.change(registerStack(stack), options));
  }

  /**
   * Adds a secret, whose values the daemon keeps in the system's keychain or in its own vault; at most 64 KiB. No error and
   * nothing that this client says has a value in it. Rejects with STEPWELL_NAME_TAKEN, STEPWELL_SECRET_INVALID, or why
   * values can't be kept now: STEPWELL_KEYCHAIN_LOCKED, STEPWELL_KEYCHAIN_UNREACHABLE, STEPWELL_VAULT_LOCKED,
   * STEPWELL_VAULT_DAMAGED.
   */
  async createSecret(name: string, values: Texts, options?: CallOptions): Promise<Secret> {
    return answeredSecret(await this.#calls.change(createSecret(name, values), options));
  }

  /** All secrets, by name, without values. */
  async secrets(options?: CallOptions): Promise<Secret[]> {
    return listedSecrets(await this.#calls.ask(LIST_SECRETS, options));
  }

  #opened(): Pipeline {
    if (this.#pipeline !== undefined) return this.#pipeline;
    const pipeline = new Pipeline(this.#settings);
    this.#pipeline = pipeline;
    this.#exitTask = atExit({
      pipeline,
      waitMs: this.#settings.exitWaitMs,
      endRuns: (status) => {
        for (const run of this.#runs) run.end(status);
      },
    });
    return pipeline;
  }
}
