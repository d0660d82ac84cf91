/** The sink of a server that speaks MLflow's REST API: tracking servers, Azure ML, Databricks. */
import { StepwellError, toStepwellError } from "../../errors/stepwell-error.js";
import { within } from "../../home/wait.js";
import { DIALECTS } from "../../mlflow/dialect.js";
import { type Greeting, greet } from "../../mlflow/greeting.js";
import { unsafeMlflow } from "../../mlflow/mlflow-version.js";
import { Server, type ServerOptions } from "../../mlflow/server.js";
import { type BadVerdict, ServerFault } from "../../mlflow/server-fault.js";
import type { Session } from "../../mlflow/session.js";
import {
  AZURE_ML_ENTRIES_MAX,
  CALLS_END_MS,
  LATE_MS,
  LOG_BATCH_ENTRIES_MAX,
  LOG_BATCH_PARAMS_MAX,
  QUICK_SERVER_REQUESTS_MAX,
  SERVER_REQUESTS_MAX,
  SINK_RUNS_MAX,
} from "../../model/limits.js";
import type { Log } from "../../model/log.js";
import type { Pack } from "../../model/pack.js";
import type { ModelIds } from "../model-ids.js";
import type { RunIds } from "../run-ids.js";
import type { FaultScope, Outcome, Sink, SinkLimits } from "../sink.js";
import { carryOut } from "./calls.js";
import { deliver } from "./delivery.js";
import { ModelMaker } from "./models.js";
import { RequestSize } from "./request-size.js";
import { afterRestart, fresh, type RunState } from "./run-state.js";
import { RunMaker, tagsOf } from "./runs.js";

/** Which server, and what the sink needs of the daemon. */
export interface RestSinkOptions extends ServerOptions {
  readonly runIds: RunIds;
  readonly modelIds: ModelIds;
  /** When somebody else asked the server for a run, of the monotonic clock; undefined: nobody did. */
  readonly runAskedMs?: (runId: string) => number | undefined;
  readonly log: Log;
}

const LIMITS: SinkLimits = {
  pointsMax: LOG_BATCH_ENTRIES_MAX,
  textsMax: LOG_BATCH_PARAMS_MAX,
  packsMax: 1,
  requestsMax: SERVER_REQUESTS_MAX,
  quickRequestsMax: QUICK_SERVER_REQUESTS_MAX,
};

/** The sink of one server. It asks nothing before it is used, and does not throw. */
export function openRestSink(options: RestSinkOptions): Sink {
  return new RestSink(options);
}

class RestSink implements Sink {
  readonly limits = LIMITS;
  readonly cursors = undefined;
  readonly #options: RestSinkOptions;
  readonly #server: Server;
  readonly #runs: RunMaker;
  readonly #models: ModelMaker;
  readonly #size: RequestSize;
  /** Runs by our id, the one that was used last at the end. */
  readonly #states = new Map<string, RunState>();
  /** Until when, of the monotonic clock, the server may carry out what was sent to runs that have no state here. */
  #lateUntilMs: number;
  readonly #sending = new Set<Promise<unknown>>();
  #greeting: Promise<Greeting> | undefined;
  #isClosed = false;

  constructor(options: RestSinkOptions) {
    this.#options = options;
    this.#lateUntilMs = options.clock.monotonicMs() + LATE_MS;
    this.#server = new Server(options);
    this.#runs = new RunMaker(options);
    this.#models = new ModelMaker(options);
    this.#size = new RequestSize(
      isAzureMl(options.backend.uri) ? AZURE_ML_ENTRIES_MAX : LOG_BATCH_ENTRIES_MAX,
    );
  }

  async send(packs: readonly Pack[]): Promise<Outcome[]> {
    const sending = Promise.all(packs.map((pack) => this.#deliver(pack)));
    this.#sending.add(sending);
    return await sending.finally(() => this.#sending.delete(sending));
  }

  /**
   * Gives requests that are under way a moment to end: what is broken off has to be asked about later. What does not
   * end by being broken off either, as a keychain that asks somebody for its password, is not waited for.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    const ended = Promise.all(this.#sending);
    await within(CALLS_END_MS, ended);
    this.#server.destroy();
    await within(CALLS_END_MS, ended);
  }

  async #deliver(own: Pack): Promise<Outcome> {
    try {
      if (this.#isClosed) throw new StepwellError("STEPWELL_DAEMON_STOPPING", "The sink is closed.");
      const whole = await this.#server.session();
      const { appends, knowsModels } = await this.#greet(whole);
      const session = whole.within(own.start?.workspace);
      const run = await this.#stateOf(session, own);
      const { clock } = this.#options;
      const pack = await this.#models.translated(own);
      if (pack.calls.length > 0) {
        await carryOut({ session, run, pack, models: this.#models, knowsModels });
        return { kind: "delivered", refused: [] };
      }
      const { bareRun } = run;
      const ofStart = bareRun && pack.start ? tagsOf(pack.start) : [];
      const translated = { ...pack, tags: await this.#runs.translated([...ofStart, ...pack.tags]) };
      const refused = await deliver({
        session,
        run,
        pack: translated,
        size: this.#size,
        appends,
        knowsModels,
        clock,
      });
      if (bareRun) await this.#runs.keepWhole(pack.runId, bareRun);
      run.bareRun = undefined;
      return { kind: "delivered", refused };
    } catch (error) {
      return outcomeOf(error);
    }
  }

  async #stateOf(session: Session, { runId, start }: Pack): Promise<RunState> {
    let state = this.#states.get(runId);
    if (!state) {
      if (!start) throw new StepwellError("STEPWELL_RUN_UNKNOWN", `Run ${runId} has no start.`);
      const { run, isEmpty } = await this.#runs.ensure(session, runId, start);
      state = isEmpty ? fresh(run) : afterRestart(run, this.#lateUntilMs);
    }
    this.#states.delete(runId);
    this.#states.set(runId, state);
    if (this.#states.size > SINK_RUNS_MAX) this.#forgetOldest();
    return state;
  }

  #forgetOldest(): void {
    const [[runId, state] = []] = this.#states;
    if (runId === undefined || state === undefined) return;
    this.#states.delete(runId);
    this.#lateUntilMs = Math.max(this.#lateUntilMs, state.lateUntilMs);
  }

  /** Once for all; a server that can't be reached is greeted again. */
  async #greet(session: Session): Promise<Greeting> {
    const { greeting: known } = DIALECTS[this.#options.backend.kind];
    if (known) return known;
    this.#greeting ??= greet(session).then(
      (greeting) => {
        const { version } = greeting;
        const { onVersion, log } = this.#options;
        onVersion(version);
        const unsafe = unsafeMlflow(version);
        if (unsafe) log("warn", unsafe.finding, { server: session.baseUrl, version });
        return greeting;
      },
      (error: unknown) => {
        this.#greeting = undefined;
        throw error;
      },
    );
    return await this.#greeting;
  }
}

/** What a lane is to do after what was thrown. */
function outcomeOf(error: unknown): Outcome {
  if (error instanceof ServerFault) return outcomeOfVerdict(error.verdict);
  const { code, message: reason, row } = toStepwellError(error);
  return { kind: row.grpc === "UNAVAILABLE" ? "retry" : "hold", scope: scopeOf(error), code, reason };
}

/** Without credentials, or a closed sink, nobody gets there; a surprise may be of this pack alone. */
function scopeOf(error: unknown): FaultScope {
  if (!(error instanceof StepwellError)) return "unclear";
  return error.code === "STEPWELL_RUN_UNKNOWN" ? "run" : "backend";
}

function outcomeOfVerdict(verdict: BadVerdict): Outcome {
  const { kind, code, reason } = verdict;
  switch (kind) {
    case "retry": {
      const { scope, afterMs } = verdict;
      return { kind, scope, code, reason, ...(afterMs === undefined ? {} : { afterMs }) };
    }
    case "doubtful":
      return { kind: "retry", scope: "unclear", code, reason };
    case "gone":
      return { kind: "refused", code, reason };
    case "hold":
      return { kind, scope: verdict.scope, code, reason };
    case "too-large":
    case "refused":
    case "missing":
    case "exists":
      // Not an answer to entries: nothing is given up for it.
      return { kind: "hold", scope: "unclear", code, reason };
  }
}

function isAzureMl(uri: string): boolean {
  return /\.api\.azureml\.(ms|us|cn)$/i.test(URL.canParse(uri) ? new URL(uri).hostname : "");
}
