/**
 * What is said of a logged model that a run made: its params, its tags, that it is whole. It is journaled in the run's
 * order, behind what the run logged before, as the call that it is.
 */
import type { Clock } from "../model/clock.js";
import type { ApiCall } from "../model/pack.js";
import { type GatewayAnswer, jsonAnswer } from "./call.js";
import type { FlushedCalls } from "./flushed-calls.js";
import type { JsonObject } from "./requests/body.js";
import { checkModelTexts, MODEL_STATUSES, readFinalization, requestOf } from "./requests/journaled-calls.js";
import { quote } from "./requests/python.js";
import { isAway, RequestFault } from "./requests/request-fault.js";
import { jsonBody, type Routed } from "./routed.js";
import { hasTag, type ModelChange, type SeenModels } from "./seen-models.js";

/** Journals a call of a run; answers whether it did, or the call has to go to the tracker itself. */
export type JournalCall = (call: Routed, runId: string, asked: ApiCall) => Promise<boolean>;

export interface ModelCallParts {
  readonly models: SeenModels;
  readonly flushed: FlushedCalls;
  readonly clock: Clock;
}

/** What a request says. */
interface Said {
  /** Undefined: it has none. */
  readonly body: JsonObject | undefined;
  readonly change: ModelChange;
  /** The model that its body names, where that counts. */
  readonly named?: string;
}

export class ModelCalls {
  readonly #parts: ModelCallParts;
  readonly #journal: JournalCall;

  constructor(parts: ModelCallParts, journal: JournalCall) {
    this.#parts = parts;
    this.#journal = journal;
  }

  /** Answers once it is journaled. Throws a RequestFault. */
  async answer(call: Routed): Promise<GatewayAnswer> {
    const { models, flushed, clock } = this.#parts;
    const { target, api, match, method } = call;
    const modelId = match.values["model"] ?? "";
    const { body, change, named = modelId } = await readCall(call);
    const text = body && JSON.stringify(body);
    const seen = await models.look(target, api, modelId);
    // Of a model that no run made nothing waits; one that there is not the tracker refuses.
    if (seen?.runId === undefined || named !== modelId) return await flushed.pass(call, text);
    const { removedTag } = change;
    if (removedTag !== undefined && !hasTag(seen, removedTag))
      return await this.#removeUnseen(call, modelId, removedTag);
    const asked = { method, path: pathOf(call), body: text ?? "", namesRun: false };
    if (!(await this.#journal(call, seen.runId, asked))) return await flushed.pass(call, text);
    const shown = await models.change(target, modelId, change, clock.nowMs());
    return jsonAnswer(change.status === undefined ? {} : { model: shown });
  }

  /** The tracker may have a tag that was not seen here. MLflow refuses the removal of one that is not there. */
  async #removeUnseen(call: Routed, modelId: string, key: string): Promise<GatewayAnswer> {
    try {
      return await this.#parts.flushed.pass(call, undefined);
    } catch (error) {
      if (!isAway(error)) throw error;
      throw new RequestFault(
        "RESOURCE_DOES_NOT_EXIST",
        `No tag with key ${quote(key)} found for model with ID ${quote(modelId)}.`,
      );
    }
  }
}

async function readCall(call: Routed): Promise<Said> {
  const { method, match } = call;
  if (method === "DELETE") return { body: undefined, change: { removedTag: match.values["key"] ?? "" } };
  const body = await jsonBody(call);
  const [field] = /(?:params|tags)$/.exec(match.route.path) ?? [];
  if (field === undefined) {
    const { modelId: named, status } = readFinalization(requestOf(body));
    return { body, change: { status: MODEL_STATUSES[status] ?? "" }, named };
  }
  checkModelTexts(body, field as "params" | "tags");
  return { body, change: { [field]: body[field] } };
}

/** As the journal has it, below the API's root. */
function pathOf({ match }: Routed): string {
  return match.route.path
    .replace("/api/2.0/mlflow/", "")
    .replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(match.values[name] ?? ""));
}
