/**
 * Searches while the tracker's server is away: over the runs that this daemon began, and those that programs looked at
 * through it lately, as their programs see them. Where the tracker may have others the answer is a part of the whole:
 * a header says so to whoever looks, and the daemon's log once for each absence (docs/decisions/0012).
 *
 * A run has several ids, and stands in others' tags by any of them: what is compared has the daemon's own, on both sides.
 */
import { GATEWAY_SEEN_RUNS_MAX } from "../model/limits.js";
import type { Log } from "../model/log.js";
import type { BackendRuns } from "../runs/backend-runs.js";
import type { Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import { type GatewayAnswer, jsonAnswer } from "./call.js";
import { isMadeUpId, type SeenExperiments } from "./experiments.js";
import { type GatewayRuns, isAt } from "./gateway-runs.js";
import { idsIn, withIds } from "./ids-there.js";
import type { KnownSearch } from "./local/known-search.js";
import type { Known, KnownRun } from "./local/known-tables.js";
import { type JsonObject, readBody } from "./requests/body.js";
import { textsOf } from "./requests/fields.js";
import type { Routed } from "./routed.js";
import { awayOf } from "./run-flush.js";
import type { RunViews } from "./run-views.js";
import type { ApiDown } from "./tracker-api.js";
import type { Place } from "./workspace.js";

export interface KnownRunsParts {
  readonly gatewayRuns: Pick<GatewayRuns, "runsIn" | "here" | "stages">;
  readonly runs: Pick<RunBook, "known">;
  readonly backendRuns: Pick<BackendRuns, "ownId">;
  readonly experiments: SeenExperiments;
  readonly views: Pick<RunViews, "seenAt">;
  readonly search: Pick<KnownSearch, "find" | "close">;
  readonly log: Log;
}

/** Says that an answer is a part, and why. */
const PART = { "x-stepwell-partial": "tracker-away" } as const;

/** What is known of what a request asks for. */
interface Found {
  readonly known: Known;
  /** The same by their ids. */
  readonly shown: ReadonlyMap<string, JsonObject>;
  /** Whether the tracker can have no others. */
  readonly isWhole: boolean;
}

export class KnownRuns {
  readonly #parts: KnownRunsParts;
  /** The absence that was told of, by tracker. */
  readonly #told = new Map<string, number | undefined>();

  constructor(parts: KnownRunsParts) {
    this.#parts = parts;
  }

  /**
   * Answers a search of runs or of experiments that could not be passed on. Throws `why` where the tracker answers, and
   * what MLflow does not take; where it may be back in a moment, and has more to say, that it is to be asked again.
   */
  async answer({ target, api, match, method, search }: Routed, text: string, why: unknown) {
    const away = await awayOf(api);
    if (!away) throw why;
    const body = readBody(await this.#inOwnIds(text));
    const isOfRuns = match.route.path.endsWith("/runs/search");
    const found = isOfRuns
      ? await this.#runsIn(target, textsOf(body["experiment_ids"]), away)
      : await this.#experiments(target);
    if (!found.isWhole && away.absence === "new") throw away;
    const query = new URLSearchParams(await this.#inOwnIds(search));
    const { ids, nextPageToken } = await this.#parts.search.find(found.known, { method, query, body });
    if (!found.isWhole) this.#tell(target, away);
    const shown = ids.map((id) => found.shown.get(id));
    return {
      ...jsonAnswer({
        ...(shown.length > 0 ? { [isOfRuns ? "runs" : "experiments"]: shown } : {}),
        ...(nextPageToken === undefined ? {} : { next_page_token: nextPageToken }),
      }),
      ...(found.isWhole ? {} : { headers: PART }),
    } satisfies GatewayAnswer;
  }

  async close(): Promise<void> {
    await this.#parts.search.close();
  }

  async #runsIn(target: Place, experimentIds: readonly string[], away: ApiDown): Promise<Found> {
    const { gatewayRuns, experiments } = this.#parts;
    const shown = new Map<string, JsonObject>();
    const asked = await Promise.all(
      experimentIds.map(async (id) => ({ id, seen: await experiments.byId(target, id) })),
    );
    const candidates = experimentIds.length === 0 ? [] : await this.#candidates(target, experimentIds);
    const found: KnownRun[] = [];
    for (const run of candidates.slice(0, GATEWAY_SEEN_RUNS_MAX)) {
      const view = staged(await gatewayRuns.here(run, target), gatewayRuns.stages.of(target, run.runId));
      const { experiment_id: its } = (view["info"] ?? {}) as JsonObject;
      const isIn = asked.find(({ id, seen }) => id === its || seen?.["name"] === run.start?.experimentName);
      if (!isIn) continue;
      shown.set(run.runId, view);
      // One by one: all of them in one text would hold up the daemon.
      const own = JSON.parse(await this.#inOwnIds(JSON.stringify(view))) as JsonObject;
      found.push({ runId: run.runId, experimentId: isIn.id, view: own });
    }
    const isWhole =
      candidates.length <= GATEWAY_SEEN_RUNS_MAX &&
      asked.every(({ id, seen }) => isMadeUpId(id) && isSince(seen?.["creation_time"], away.sinceMs));
    return { known: { kind: "runs", runs: found }, shown, isWhole };
  }

  /** Runs of the tracker that may be in one of the experiments, the newest first. */
  async #candidates(target: Place, experimentIds: readonly string[]): Promise<readonly Run[]> {
    const { gatewayRuns, runs, views } = this.#parts;
    const ids = new Set([...(await gatewayRuns.runsIn(target, experimentIds)), ...views.seenAt(target)]);
    const found = await Promise.all([...ids].map((id) => runs.known(id)));
    return found
      .filter((run) => run !== undefined)
      .filter((run) => run.start !== undefined && run.targets !== undefined && isAt(run, target))
      .sort((one, other) => other.firstSeenMs - one.firstSeenMs);
  }

  async #experiments(target: Place): Promise<Found> {
    const experiments = await this.#parts.experiments.all(target);
    const shown = new Map(experiments.map((each) => [String(each["experiment_id"]), each]));
    return { known: { kind: "experiments", experiments }, shown, isWhole: false };
  }

  /** A text in which runs have our ids. */
  async #inOwnIds(text: string): Promise<string> {
    const others = new Map<string, string>();
    for (const id of idsIn(text)) {
      const ours = await this.#parts.backendRuns.ownId(id);
      if (ours !== id) others.set(id, ours);
    }
    return withIds(text, others);
  }

  #tell({ trackerId, tracker }: Place, { sinceMs }: ApiDown): void {
    if (this.#told.has(trackerId) && this.#told.get(trackerId) === sinceMs) return;
    this.#told.set(trackerId, sinceMs);
    this.#parts.log(
      "warn",
      "a search is answered with what is known here: its tracker is away, and may have more",
      {
        tracker,
      },
    );
  }
}

function staged(view: JsonObject, stage: string | undefined): JsonObject {
  if (stage === undefined) return view;
  return { ...view, info: { ...(view["info"] as JsonObject), lifecycle_stage: stage } };
}

/** Whether an experiment was made up in this absence: the tracker has never heard of it. */
function isSince(madeMs: unknown, sinceMs: number | undefined): boolean {
  return typeof madeMs === "number" && sinceMs !== undefined && madeMs >= sinceMs;
}
