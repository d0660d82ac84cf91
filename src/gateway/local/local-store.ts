/**
 * What a local tracker answers with no Python server: MLflow's REST API on the tracker's own SQLite file. Queries run in
 * threads of their own, which start with the first of them: a search of a large store takes its time, and what is asked
 * by an id does not wait behind it.
 */
import { RequestFault } from "../requests/request-fault.js";
import type { LocalRequest } from "../requests/request-message.js";
import type { CurvePoint } from "./curves.js";
import type { Place } from "./database.js";
import { type LocalRoute, matchLocal } from "./local-routes.js";
import { QueryThread, unavailable } from "./query-thread.js";
import type { StoredPoints, StoredQuestion } from "./stored-points.js";

/** An answer's status and its JSON. */
export interface LocalAnswer {
  readonly status: number;
  readonly body: string;
}

/** MLflow's own waits for 20 s; here others wait behind the one that does. */
const BUSY_TIMEOUT_MS = 10_000;

/** How long its threads stay when nobody asks: it holds what a grammar and its rows take. */
const IDLE_MS = 60_000;

/** What may be otherwise than usual. */
export interface LocalStoreOptions {
  readonly databasePath: string;
  /** Where artifacts of new experiments go: a path or an URI. */
  readonly artifactRoot: string;
  /** Whether programs get artifacts of the root as `mlflow-artifacts:`. */
  readonly servesArtifacts?: boolean;
  /** The daemon's home, which is not made where it is missing. */
  readonly home?: string;
  /** Whether a file is made where there is none: not where one was that runs were delivered to. */
  readonly mayMake?: () => boolean;
  /** The file was upgraded to that release's tables: an older MLflow can't open it any more. */
  readonly onUpgraded?: (release: string) => void;
  readonly busyTimeoutMs?: number;
  readonly idleMs?: number;
  /** The threads' module. */
  readonly entry?: URL;
}

/** What takes as long as there is much to look through. */
const LONG: ReadonlySet<LocalRoute> = new Set<LocalRoute>([
  "search-experiments",
  "search-datasets",
  "search-runs",
  "search-models",
  "get-history",
  "get-history-bulk",
  "get-history-interval",
]);

export class LocalStore {
  readonly #mayMake: () => boolean;
  readonly #onUpgraded: (release: string) => void;
  readonly #short: QueryThread;
  readonly #long: QueryThread;

  constructor(options: LocalStoreOptions) {
    const { databasePath, artifactRoot, servesArtifacts = false, busyTimeoutMs = BUSY_TIMEOUT_MS } = options;
    const place: Place = { databasePath, artifactRoot, servesArtifacts, busyTimeoutMs, home: options.home };
    const { entry = new URL("./local-thread.js", import.meta.url), idleMs = IDLE_MS } = options;
    this.#mayMake = options.mayMake ?? (() => true);
    this.#onUpgraded = options.onUpgraded ?? (() => undefined);
    this.#short = new QueryThread(entry, place, idleMs);
    this.#long = new QueryThread(entry, place, idleMs);
  }

  /** Whether the request's route is one of its own. */
  answers(method: string, path: string): boolean {
    return matchLocal(method, path) !== undefined;
  }

  /** Answers a request. Rejects with a RequestFault for one that MLflow would refuse, or that has to come again. */
  async answer({ method, path, query, body }: LocalRequest): Promise<LocalAnswer | "unknown route"> {
    const match = matchLocal(method, path);
    if (!match) return "unknown route";
    const thread = LONG.has(match.route) ? this.#long : this.#short;
    const asked = { method, path, query: [...query], body, mayMake: this.#mayMake() };
    const reply = await thread.ask({ kind: "request", ...match, ...asked });
    if (reply.kind === "answer") {
      if (reply.upgradedTo !== undefined) this.#onUpgraded(reply.upgradedTo);
      return { status: reply.status, body: reply.body };
    }
    if (reply.kind === "fault") throw new RequestFault(reply.code, reply.message, reply.errorClass);
    throw unavailable("The tracker was closed.");
  }

  /** Curves of a run's metrics by their keys. Rejects with a RequestFault where the file can't be read now. */
  async curves(runId: string, keys: readonly string[], most: number): Promise<Map<string, CurvePoint[]>> {
    const reply = await this.#long.ask({ kind: "curves", runId, keys, most });
    if (reply.kind === "curves") return reply.curves;
    if (reply.kind === "fault") throw new RequestFault(reply.code, reply.message, reply.errorClass);
    throw unavailable("The tracker was closed.");
  }

  /** A run's points as they are. Rejects with a RequestFault where the file can't be read now. */
  async points(runId: string, wanted: StoredQuestion): Promise<StoredPoints> {
    const reply = await this.#long.ask({ kind: "points", runId, wanted });
    if (reply.kind === "points") return reply.points;
    if (reply.kind === "fault") throw new RequestFault(reply.code, reply.message, reply.errorClass);
    throw unavailable("The tracker was closed.");
  }

  /** Answers what was asked before, then closes the file and ends the threads. */
  async close(): Promise<void> {
    await Promise.all([this.#short.close(), this.#long.close()]);
  }
}
