/**
 * Ids that the daemon gave out, of runs and of experiments, in requests that go on to a tracker, which knows them by
 * others. An id is 32 hexadecimal digits, or a number that no tracker counts to: what looks like one is one.
 */
import type { SeenExperiments } from "./experiments.js";
import { isMadeUpId } from "./experiments.js";
import type { GatewayRuns } from "./gateway-runs.js";
import type { TrackerApi } from "./tracker-api.js";
import type { Place } from "./workspace.js";

const IDS = /(?<![0-9A-Za-z])(?:[0-9a-f]{32}|\d{16})(?![0-9A-Za-z])/g;

/** A text with other ids in place of those that the map has, in one pass over it. */
export function withIds(text: string, others: ReadonlyMap<string, string>): string {
  return others.size === 0 ? text : text.replace(IDS, (id) => others.get(id) ?? id);
}

/** What looks like an id of the daemon's in a text. */
export function idsIn(text: string): ReadonlySet<string> {
  return new Set(text.match(IDS));
}

export class IdsThere {
  readonly #runs: Pick<GatewayRuns, "idAt">;
  readonly #experiments: Pick<SeenExperiments, "idAt">;

  constructor(runs: Pick<GatewayRuns, "idAt">, experiments: Pick<SeenExperiments, "idAt">) {
    this.#runs = runs;
    this.#experiments = experiments;
  }

  /** A text with the ids that the tracker knows. Rejects with ApiDown where it has to be asked. */
  async in(target: Place, api: TrackerApi, text: string): Promise<string> {
    const others = new Map<string, string>();
    for (const id of idsIn(text)) {
      const there = await this.#idThere(target, api, id);
      if (there !== id) others.set(id, there);
    }
    return withIds(text, others);
  }

  async #idThere(target: Place, api: TrackerApi, id: string): Promise<string> {
    if (id.length === 32) return await this.#runs.idAt(target, id);
    return isMadeUpId(id) ? await this.#experiments.idAt(target, api, id) : id;
  }
}
