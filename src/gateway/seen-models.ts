/**
 * Logged models as their tracker showed them last, with what was journaled of them since: which run made one, for what
 * is said of a model goes in that run's order, and what a program sees of one while the tracker is away. Both are on disk,
 * so that programs go on after a restart of the daemon too; those that were seen longest ago are forgotten.
 */
import { GATEWAY_SEEN_MODELS_MAX, GATEWAY_SEEN_RUNS_MAX } from "../model/limits.js";
import { factsOf, type Target } from "../model/target.js";
import { KeyedTurns } from "../model/turns.js";
import type { BackendModels } from "../runs/backend-models.js";
import type { Change, Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";
import type { JsonObject } from "./requests/body.js";
import type { TrackerApi } from "./tracker-api.js";

/** A model as it was seen. */
export interface SeenModel {
  /** As its program knows the run; absent: no run made the model. */
  readonly runId?: string;
  /** The model in MLflow's JSON. */
  readonly shown: JsonObject;
  /** The higher, the later it was first seen. */
  readonly number: number;
  readonly isDeleted?: boolean;
}

/** Which ids models have that the daemon began. */
export type ModelIdsThere = Pick<BackendModels, "ownId" | "idAt">;

/** What is journaled of a model. */
export interface ModelChange {
  readonly params?: unknown;
  readonly tags?: unknown;
  readonly removedTag?: string;
  /** By its name. */
  readonly status?: string;
}

type Texts = readonly JsonObject[];

const MODELS = "/api/2.0/mlflow/logged-models";

export class SeenModels {
  readonly #store: Store;
  readonly #ids: ModelIdsThere;
  readonly #models = new Map<string, SeenModel>();
  /** A queue for each model: what changes one reads it first. */
  readonly #changing = new KeyedTurns();
  #lastNumber: number;

  private constructor(store: Store, ids: ModelIdsThere, lastNumber: number) {
    this.#store = store;
    this.#ids = ids;
    this.#lastNumber = lastNumber;
  }

  /** Takes up what an earlier daemon saw, and forgets what is too much of it. */
  static async open(store: Store, ids: ModelIdsThere): Promise<SeenModels> {
    const numbers = new Map<string, number>();
    for await (const { key, value } of store.rows<SeenModel>(TABLES.gatewayModel, ""))
      numbers.set(key, value.number);
    const last = [...numbers.values()].reduce((most, number) => Math.max(most, number), 0);
    const old = [...numbers].filter(([, number]) => number <= last - GATEWAY_SEEN_MODELS_MAX);
    const changes: Change[] = [];
    for (const [key] of old) {
      const [trackerId = "", modelId = ""] = key.split("/");
      // Of one that its tracker has not made nobody else knows anything.
      const isThere = (await ids.idAt(modelId, trackerId)) !== undefined;
      if (isThere) changes.push({ table: TABLES.gatewayModel, key, value: undefined });
    }
    if (changes.length > 0) await store.write(changes, { sync: false });
    return new SeenModels(store, ids, last);
  }

  /** The model as it was seen last. */
  async find(target: Target, modelId: string): Promise<SeenModel | undefined> {
    const key = await this.#keyOf(target, modelId);
    const kept = this.#models.get(key) ?? (await this.#store.get<SeenModel>(TABLES.gatewayModel, key));
    // It may have been changed while it was read.
    const known = this.#models.get(key) ?? kept;
    if (known) this.#remember(key, known);
    return known;
  }

  /**
   * Takes note of a model that the tracker shows; `runId` is the run's id as its program knows it, `before` is what was
   * seen when the tracker was asked: what was journaled meanwhile is not in its answer.
   */
  async saw(target: Target, answer: JsonObject, before?: SeenModel, runId?: unknown): Promise<void> {
    const shown = answer["model"] as JsonObject | undefined;
    const { model_id: modelId, source_run_id: there } = partOf(shown, "info");
    if (!shown || typeof modelId !== "string") return;
    await this.#inTurn(target, modelId, async () => {
      const known = await this.find(target, modelId);
      if (known !== before) return;
      const made = [runId, known?.runId, there].find((id) => typeof id === "string" && id !== "");
      const number = known?.number ?? ++this.#lastNumber;
      await this.#keep(target, modelId, {
        ...(typeof made === "string" ? { runId: made } : {}),
        ...(known?.isDeleted ? { isDeleted: true } : {}),
        shown,
        number,
      });
    });
  }

  /** Those of a name in some experiments, as they were seen last. */
  async named(target: Target, experimentIds: readonly string[], name: string): Promise<JsonObject[]> {
    const found: JsonObject[] = [];
    const first = keyOf(target, "");
    for await (const { key, value } of this.#store.rows<SeenModel>(TABLES.gatewayModel, first)) {
      if (!key.startsWith(first)) break;
      const info = partOf(value.shown, "info");
      const isMeant = info["name"] === name && experimentIds.includes(String(info["experiment_id"]));
      if (isMeant && !value.isDeleted) found.push(value.shown);
    }
    return found;
  }

  /** As it was seen, or as the tracker shows it now; undefined where that has no such model. Rejects with ApiDown. */
  async look(target: Target, api: TrackerApi, modelId: string): Promise<SeenModel | undefined> {
    const known = await this.find(target, modelId);
    if (known) return known;
    const there = (await this.#ids.idAt(modelId, factsOf(target.backend).runsKey)) ?? modelId;
    const { status, body } = await api.ask("GET", `${MODELS}/${encodeURIComponent(there)}`, {});
    if (status === 200) await this.saw(target, body);
    return await this.find(target, modelId);
  }

  /** A run's model was begun here. */
  async begin(target: Target, modelId: string, runId: string, shown: JsonObject): Promise<void> {
    await this.#keep(target, modelId, { runId, shown, number: ++this.#lastNumber }, true);
  }

  /** A model is deleted, or will be. */
  async remove(target: Target, modelId: string): Promise<void> {
    await this.#inTurn(target, modelId, async () => {
      const seen = await this.find(target, modelId);
      if (seen) await this.#keep(target, modelId, { ...seen, isDeleted: true }, true);
    });
  }

  /** Something of a model is journaled: a program sees it from now on. */
  async change(target: Target, modelId: string, change: ModelChange, nowMs: number): Promise<JsonObject> {
    return await this.#inTurn(target, modelId, async () => {
      const seen = await this.find(target, modelId);
      const shown = changed(seen?.shown ?? {}, change, nowMs);
      if (seen) await this.#keep(target, modelId, { ...seen, shown }, true);
      return shown;
    });
  }

  async #inTurn<Value>(target: Target, modelId: string, work: () => Promise<Value>): Promise<Value> {
    return await this.#changing.take([await this.#keyOf(target, modelId)], work);
  }

  async #keep(target: Target, modelId: string, seen: SeenModel, sync = false): Promise<void> {
    const key = await this.#keyOf(target, modelId);
    this.#remember(key, seen);
    await this.#store.write([{ table: TABLES.gatewayModel, key, value: seen }], { sync });
  }

  /** One that the daemon began is known by our id, whichever it is asked for by. */
  async #keyOf(target: Target, modelId: string): Promise<string> {
    return keyOf(target, await this.#ids.ownId(modelId));
  }

  #remember(key: string, seen: SeenModel): void {
    this.#models.delete(key);
    this.#models.set(key, seen);
    const [oldest = ""] = this.#models.keys();
    if (this.#models.size > GATEWAY_SEEN_RUNS_MAX) this.#models.delete(oldest);
  }
}

/** Whether a model was seen with a tag of that name. */
export function hasTag({ shown }: SeenModel, key: string): boolean {
  const { tags } = partOf(shown, "info");
  return Array.isArray(tags) && (tags as Texts).some((tag) => tag["key"] === key);
}

function changed(model: JsonObject, { params, tags, removedTag, status }: ModelChange, nowMs: number) {
  const info = partOf(model, "info");
  const data = partOf(model, "data");
  const left = merged(info["tags"], tags).filter(({ key }) => key !== removedTag);
  const finalized = status === undefined ? {} : { status, last_updated_timestamp_ms: nowMs };
  return {
    ...model,
    info: { ...info, tags: left, ...finalized },
    data: { ...data, params: merged(data["params"], params) },
  };
}

/** Texts by their keys; of two values the later one. */
function merged(before: unknown, later: unknown): Texts {
  const all = [before, later].flatMap((list) => (Array.isArray(list) ? (list as Texts) : []));
  return [...new Map(all.map((each) => [each["key"], each])).values()];
}

function partOf(model: JsonObject | undefined, name: "info" | "data"): JsonObject {
  return (model?.[name] ?? {}) as JsonObject;
}

function keyOf({ trackerId }: Target, modelId: string): string {
  return `${trackerId}/${modelId}`;
}
