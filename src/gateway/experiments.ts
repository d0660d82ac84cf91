/**
 * Experiments that programs asked for through the gateway, by tracker. A run's start holds its experiment's name, and
 * programs speak of ids; with the tracker down they go on with those that were seen, also after a restart.
 *
 * An experiment that is made while nobody answers gets an id of the gateway's own. The tracker makes it, by its name,
 * with its first run, under another id: from then on the one stands for the other.
 */
import { randomInt } from "node:crypto";
import type { Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";
import type { JsonObject } from "./requests/body.js";
import { invalid, RequestFault } from "./requests/request-fault.js";
import { ApiDown, type TrackerApi } from "./tracker-api.js";
import type { Place } from "./workspace.js";

/** What is known of one. */
interface SeenExperiment {
  readonly name: string;
  /** As the tracker showed it, or as the gateway made it up. */
  readonly shown: JsonObject;
}

const GET = "/api/2.0/mlflow/experiments/get";
const CREATE = "/api/2.0/mlflow/experiments/create";
const GET_BY_NAME = "/api/2.0/mlflow/experiments/get-by-name";
/** Ids of the gateway's own: no tracker counts so far, and each is a whole number that a double holds. */
const OWN_ID_MIN = 9_000_000_000_000_000 - 1_000_000_000_000_000;
const OWN_ID_SPAN = 2 ** 47;

export class SeenExperiments {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Keeps what a tracker showed. */
  async saw(target: Place, shown: JsonObject): Promise<void> {
    const { experiment_id: id, name } = shown;
    if (typeof id !== "string" || typeof name !== "string") return;
    const before = await this.#find(target, id);
    if (before && JSON.stringify(before.shown) === JSON.stringify(shown)) return;
    const row: SeenExperiment = { name, shown };
    await this.#store.write(
      [
        { table: TABLES.gatewayExperiment, key: keyOf(target, id), value: row },
        { table: TABLES.gatewayExperimentId, key: keyOf(target, name), value: id },
      ],
      { sync: false },
    );
  }

  /**
   * The name of an experiment that runs can be in: as the tracker says, for it may have another one by now, or be deleted;
   * as it was seen while the tracker can't say. Throws what the tracker refuses with, or ApiDown.
   */
  async nameOf(target: Place, api: TrackerApi, id: string): Promise<string> {
    const seen = await this.#find(target, id);
    try {
      const answer = await api.ask("GET", GET, { experiment_id: await this.idAt(target, api, id) });
      const shown = answer.body["experiment"] as JsonObject | undefined;
      if (answer.status === 404 && isMadeUpId(id) && seen) return seen.name;
      if (answer.status !== 200 || typeof shown?.["name"] !== "string") throw refusalOf(answer.body);
      await this.saw(target, shown);
      checkActive(id, shown);
      return shown["name"];
    } catch (error) {
      if (!(error instanceof ApiDown) || !seen) throw error;
      return seen.name;
    }
  }

  /** As it was seen. */
  async byId(target: Place, id: string): Promise<JsonObject | undefined> {
    return (await this.#find(target, id))?.shown;
  }

  /** As it was seen. */
  async byName(target: Place, name: string): Promise<JsonObject | undefined> {
    const id = await this.#store.get<string>(TABLES.gatewayExperimentId, keyOf(target, name));
    return id === undefined ? undefined : await this.byId(target, id);
  }

  /** All that were seen, by the name that each has now. */
  async all(target: Place): Promise<JsonObject[]> {
    const first = keyOf(target, "");
    const found = new Map<string, JsonObject>();
    for await (const { key, value } of this.#store.rows<SeenExperiment>(TABLES.gatewayExperiment, first)) {
      if (!key.startsWith(first)) break;
      const id = key.slice(first.length);
      if ((await this.#store.get<string>(TABLES.gatewayExperimentId, keyOf(target, value.name))) === id)
        found.set(id, value.shown);
    }
    return [...found.values()];
  }

  /** Makes one up, for a tracker that does not answer. */
  async makeUp(target: Place, name: string, nowMs: number): Promise<JsonObject> {
    const id = String(OWN_ID_MIN + randomInt(OWN_ID_SPAN));
    const shown = {
      ...{ experiment_id: id, name, artifact_location: `mlflow-artifacts:/${id}`, lifecycle_stage: "active" },
      ...{ last_update_time: nowMs, creation_time: nowMs },
    };
    await this.saw(target, shown);
    return shown;
  }

  /** The tracker's own id of an experiment; one that is not made up stays as it is. Rejects with ApiDown. */
  async idAt(target: Place, api: TrackerApi, id: string): Promise<string> {
    if (!isMadeUpId(id)) return id;
    const seen = await this.#find(target, id);
    if (!seen) return id;
    const { status, body } = await api.ask("GET", GET_BY_NAME, { experiment_name: seen.name });
    const found = (body["experiment"] as JsonObject | undefined)?.["experiment_id"];
    return status === 200 && typeof found === "string" ? found : id;
  }

  /** The same, of one that is there then: what is made up is made. Rejects with ApiDown. */
  async idMade(target: Place, api: TrackerApi, id: string): Promise<string> {
    const there = await this.idAt(target, api, id);
    const seen = there === id && isMadeUpId(id) ? await this.#find(target, id) : undefined;
    if (!seen) return there;
    const { status, body } = await api.ask("POST", CREATE, { name: seen.name });
    const made = body["experiment_id"];
    if (status === 200 && typeof made === "string") return made;
    throw refusalOf(body);
  }

  async #find(target: Place, id: string): Promise<SeenExperiment | undefined> {
    return await this.#store.get<SeenExperiment>(TABLES.gatewayExperiment, keyOf(target, id));
  }
}

function checkActive(id: string, { lifecycle_stage: stage = "active" }: JsonObject): void {
  if (stage === "active") return;
  throw invalid(`The experiment ${id} must be in the 'active' state. Current state is ${String(stage)}.`);
}

/** Whether the gateway made the id up. */
export function isMadeUpId(id: string): boolean {
  return /^\d{16}$/.test(id) && Number(id) >= OWN_ID_MIN && Number(id) < OWN_ID_MIN + OWN_ID_SPAN;
}

/** What a tracker refused with, as it said it. */
export function refusalOf(body: JsonObject): RequestFault {
  const { error_code: code, message } = body;
  return RequestFault.said(
    typeof code === "string" ? code : "INTERNAL_ERROR",
    typeof message === "string" ? message : "no message",
  );
}

function keyOf({ trackerId, workspace }: Place, name: string): string {
  return `${trackerId}${workspace === undefined ? "" : `@${workspace}`}/${name}`;
}
