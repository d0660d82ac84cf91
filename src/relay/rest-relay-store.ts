/**
 * An MLflow server behind a relay, for those without its database: as exact as the sink of a server is.
 *
 * The server gives runs ids of its own, which a relay forgets when it ends. So each home keeps them, and says with
 * each pack what it knows of the run: its id, or that the server may have been asked for it, by this relay or by
 * another one, and be about to make it.
 */
import { StepwellError } from "../errors/stepwell-error.js";
import { WorkspaceRates } from "../mlflow/rate.js";
import { Server, type ServerOptions } from "../mlflow/server.js";
import type { Clock } from "../model/clock.js";
import type { CursorAnswer, CursorQuestion } from "../model/cursor.js";
import type { Log } from "../model/log.js";
import type { BackendRun } from "../model/target.js";
import { KeyedTurns } from "../model/turns.js";
import { openRestSink } from "../sinks/mlflow-rest/rest-sink.js";
import type { Outcome, Sink, SinkLimits } from "../sinks/sink.js";
import type { RelayedPack, RelayStore, StoreFacts, StoreWritten } from "./store.js";

/** Runs that are remembered; of others their home knows. */
const RUNS_MAX = 50_000;

type Known = BackendRun & { readonly kind: "known" };

export interface RestRelayOptions {
  /** Without a slash at its end, and without a user. */
  readonly url: string;
  /** What a tracker of the server would have for settings. */
  readonly settings: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly log: Log;
}

export class RestRelayStore implements RelayStore {
  readonly keepsCursors = false;
  readonly place: string;
  readonly limits: SinkLimits;
  readonly #options: RestRelayOptions;
  readonly #server: Server;
  readonly #sink: Sink;
  /** What is known of runs, the one that was used last at the end. */
  readonly #runs = new Map<string, BackendRun>();
  /** When a home said first that a run may have been asked for, of the monotonic clock. */
  readonly #askedMs = new Map<string, number>();
  /** Two homes may log to one run, which is made once. */
  readonly #turns = new KeyedTurns();

  constructor(options: RestRelayOptions) {
    this.#options = options;
    const { url, settings, clock, log } = options;
    this.place = `The server ${url}`;
    const ofServer: ServerOptions = {
      backend: { kind: "rest", trackerId: "relay", uri: url, settings },
      settings: async () => settings,
      profileFile: () => "",
      rates: new WorkspaceRates(),
      clock,
      onVersion: () => undefined,
    };
    this.#server = new Server(ofServer);
    this.#sink = openRestSink({
      ...ofServer,
      log,
      runIds: {
        find: async (runId) => this.#runs.get(runId),
        keep: async (runId, value) => this.#keep(runId, value),
        keepAll: async (values) => {
          for (const [runId, value] of values) this.#keep(runId, value);
        },
        ownId: async (runId) => runId,
        isExpected: () => false,
      },
      modelIds: {
        find: async () => undefined,
        keep: async () => undefined,
        askedMs: () => undefined,
        isExpected: () => false,
      },
      runAskedMs: (runId) => this.#askedMs.get(runId),
    });
    this.limits = this.#sink.limits;
  }

  async write(packs: readonly RelayedPack[]): Promise<StoreWritten> {
    const runs = new Map<string, Known>();
    const outcomes = await Promise.all(
      packs.map((sent) => this.#turns.take([sent.pack.runId], () => this.#write(sent, runs))),
    );
    return { outcomes, runs, writes: new Map(), wentBack: new Set(), durability: "local" };
  }

  /** A server counts no transactions. */
  async writesOf(): Promise<number> {
    return 0;
  }

  /** Nothing tells: they are where they were left. */
  async standing(questions: readonly CursorQuestion[]): Promise<readonly CursorAnswer[]> {
    return questions.map(({ author, after }) => ({
      homeId: after?.homeId ?? author.homeId,
      cursor: after && { seq: after.seq, points: 0, bytes: undefined, incarnation: after.incarnation },
    }));
  }

  async facts(): Promise<StoreFacts> {
    const session = await this.#server.session();
    const answer = await session.ask("GET", "/version");
    if (answer.kind === "failed")
      throw new StepwellError(
        "STEPWELL_SERVER_UNREACHABLE",
        `${session.baseUrl} can't be reached: ${answer.message}.`,
      );
    return { backendId: "", timeline: "", durability: "local" };
  }

  async close(): Promise<void> {
    await this.#sink.close();
    this.#server.destroy();
  }

  async #write({ pack, run, rights }: RelayedPack, runs: Map<string, Known>): Promise<Outcome> {
    if (rights?.isBounded) return heldFor(rights.tenant);
    const { runId } = pack;
    this.#learn(runId, run);
    const [outcome] = await this.#sink.send([pack]);
    const known = this.#runs.get(runId);
    // What the home said itself it has already, with the run's page.
    if (known?.kind === "known" && !isSaid(known, run)) runs.set(runId, known);
    return (
      outcome ?? {
        kind: "retry",
        scope: "unclear",
        code: "STEPWELL_INTERNAL",
        reason: "The sink did not answer.",
      }
    );
  }

  /** What the relay itself found out is newer than what a home says. */
  #learn(runId: string, said: BackendRun | undefined): void {
    const own = this.#runs.get(runId);
    if (own?.kind === "known" || said === undefined) return;
    if (said.kind === "known") return this.#keep(runId, { ...said, url: said.url || this.#options.url });
    if (own || this.#askedMs.has(runId)) return;
    this.#keep(runId, said);
    this.#askedMs.set(runId, this.#options.clock.monotonicMs());
  }

  #keep(runId: string, value: BackendRun | undefined): void {
    this.#runs.delete(runId);
    if (value?.kind !== "asked") this.#askedMs.delete(runId);
    if (value) this.#runs.set(runId, value);
    if (this.#runs.size <= RUNS_MAX) return;
    const [oldest] = this.#runs.keys();
    if (oldest === undefined) return;
    this.#runs.delete(oldest);
    this.#askedMs.delete(oldest);
  }
}

function isSaid(known: Known, said: BackendRun | undefined): boolean {
  return said?.kind === "known" && said.mlflowRunId === known.mlflowRunId && said.isBare === known.isBare;
}

/** Which experiment a server's run is of is not asked for each pack: who may write to some alone would write to any. */
function heldFor(tenant: string): Outcome {
  const reason = `The relay is before a server, where the tenant ${tenant} can't be kept to its experiments.`;
  return { kind: "hold", scope: "backend", code: "STEPWELL_NOT_PERMITTED", reason };
}
