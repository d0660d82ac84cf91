/**
 * Ids that the daemon gave out, of runs, models and experiments, in requests that go on to a tracker, which knows them by
 * others. An id is 32 hexadecimal digits, the same behind `m-`, or a number that no tracker counts to: what looks like one
 * is one.
 */
import { isModelId } from "../model/model-id.js";
import { factsOf } from "../model/target.js";
import type { BackendModels } from "../runs/backend-models.js";
import type { SeenExperiments } from "./experiments.js";
import { isMadeUpId } from "./experiments.js";
import type { GatewayRuns } from "./gateway-runs.js";
import type { Routed } from "./routed.js";
import { NotMadeYet, type TrackerApi } from "./tracker-api.js";
import type { Place } from "./workspace.js";

export const IDS = /(?<![0-9A-Za-z])(?:(?:m-)?[0-9a-f]{32}|\d{16})(?![0-9A-Za-z])/g;

/** Of the longest one, and of what has to stand behind it. */
export const ID_CHARACTERS_MAX = 35;

/** A text with other ids in place of those that the map has, in one pass over it. */
export function withIds(text: string, others: ReadonlyMap<string, string>): string {
  return others.size === 0 ? text : text.replace(IDS, (id) => others.get(id) ?? id);
}

/** What looks like an id of the daemon's in a text. */
export function idsIn(text: string): ReadonlySet<string> {
  return new Set(text.match(IDS));
}

export interface IdsThereParts {
  readonly runs: Pick<GatewayRuns, "idAt">;
  readonly experiments: Pick<SeenExperiments, "idAt">;
  readonly backendModels: Pick<BackendModels, "idAt">;
}

export class IdsThere {
  readonly #parts: IdsThereParts;

  constructor(parts: IdsThereParts) {
    this.#parts = parts;
  }

  /** A text with the ids that the tracker knows. Rejects with ApiDown where it has to be asked, or is to make a model yet. */
  async in(target: Place, api: TrackerApi, text: string): Promise<string> {
    return withIds(text, await this.others(target, api, idsIn(text)));
  }

  /** The ids that the tracker knows, by those of the daemon's that it has others for. Rejects as that does. */
  async others(target: Place, api: TrackerApi, ids: Iterable<string>): Promise<ReadonlyMap<string, string>> {
    const others = new Map<string, string>();
    for (const id of ids) {
      const there = await this.#idThere(target, api, id);
      if (there !== id) others.set(id, there);
    }
    return others;
  }

  /** A request's path and query, the same way. */
  async inAddress({ target, api, path, search }: Routed): Promise<Pick<Routed, "path" | "search">> {
    return { path: await this.in(target, api, path), search: await this.in(target, api, search) };
  }

  async #idThere(target: Place, api: TrackerApi, id: string): Promise<string> {
    const { runs, experiments } = this.#parts;
    if (isModelId(id)) return await this.modelAt(target, id);
    if (id.length === 32) return await runs.idAt(target, id);
    return isMadeUpId(id) ? await experiments.idAt(target, api, id) : id;
  }

  /** The tracker's id of a model. Rejects with NotMadeYet. */
  async modelAt({ backend }: Place, modelId: string): Promise<string> {
    const there = await this.#parts.backendModels.idAt(modelId, factsOf(backend).runsKey);
    if (there !== undefined) return there;
    throw new NotMadeYet(`The logged model ${modelId} is not made at its tracker yet.`, { isUnsent: true });
  }
}
