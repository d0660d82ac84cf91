/**
 * Traces of programs. MLflow's client sends them beside the program and drops what nobody takes, so that they wait in the
 * spool while their server is away, as artifacts do, and follow in their order. A trace has its program's own id, and a
 * server takes the same one twice as one.
 */
import { Readable } from "node:stream";
import { GATEWAY_BODY_BYTES_MAX, GATEWAY_BODY_STALL_MS } from "../model/limits.js";
import { isModelId } from "../model/model-id.js";
import { factsOf } from "../model/target.js";
import type { ArtifactSpool, Spooled } from "./artifacts/artifact-spool.js";
import { type GatewayAnswer, jsonAnswer } from "./call.js";
import type { SeenExperiments } from "./experiments.js";
import type { GatewayRuns } from "./gateway-runs.js";
import { type IdsThere, idsIn } from "./ids-there.js";
import { EXPERIMENT_HEADER, withBody } from "./passed-calls.js";
import { readBytes, readText } from "./read-text.js";
import { type JsonObject, readBody } from "./requests/body.js";
import type { Routed } from "./routed.js";
import { ApiDown, NotMadeYet, type PassedRequest, type TrackerApi } from "./tracker-api.js";
import type { Place } from "./workspace.js";

export interface TraceCallsParts {
  readonly spool: ArtifactSpool;
  readonly runs: Pick<GatewayRuns, "isMade">;
  readonly experiments: Pick<SeenExperiments, "idMade">;
  readonly ids: IdsThere;
  /** Something waits for a tracker. */
  readonly onSpooled: (place: Place) => void;
}

/** Spans are MLflow's own rows, and no file that the client has to upload. */
const SPANS_HERE = { "mlflow.trace.spansLocation": "TRACKING_STORE" } as const;

export class TraceCalls {
  readonly #parts: TraceCallsParts;

  constructor(parts: TraceCallsParts) {
    this.#parts = parts;
  }

  /** Passes a request on, or keeps it: then it is on disk when it is answered. Throws a RequestFault. */
  async answer(call: Routed, pass: (call: Routed) => Promise<GatewayAnswer>): Promise<GatewayAnswer> {
    const isLong = Number(call.headers["content-length"]) > GATEWAY_BODY_BYTES_MAX;
    if (isLong || !factsOf(call.target.backend).isServer) return await pass(call);
    const bytes = await readBytes(call.body, GATEWAY_BODY_BYTES_MAX, GATEWAY_BODY_STALL_MS);
    const { "transfer-encoding": _, ...others } = call.headers;
    const headers = { ...others, "content-length": String(bytes.length) };
    try {
      // A server that is back may not have the run or the experiment yet, and would take the trace for nobody's.
      await this.#waitFor(call, bytes);
      return await pass({ ...call, headers, body: Readable.from([bytes]) });
    } catch (error) {
      if (!(error instanceof ApiDown)) throw error;
      const taken = takenAs(call, bytes);
      await this.#keep(call, bytes);
      return taken;
    }
  }

  /** Rejects with ApiDown where its server has not got yet what a request is of. */
  async #waitFor({ target, api, headers }: Routed, bytes: Buffer): Promise<void> {
    const encoding = textOf(headers["content-encoding"]);
    const isText = encoding === "" && isJson(textOf(headers["content-type"]));
    for (const text of [textOf(headers[EXPERIMENT_HEADER]), isText ? bytes.toString("utf8") : ""])
      await this.#checkMade(target, api, text);
  }

  /** What waited, as it goes to its server. Rejects with ApiDown where that has not got yet what it is of. */
  async request(place: Place, api: TrackerApi, waiting: Spooled): Promise<Omit<PassedRequest, "signal">> {
    const { spool } = this.#parts;
    const { path, contentType, bytes, call } = waiting;
    const headers = {
      "content-type": contentType,
      ...(call?.encoding ? { "content-encoding": call.encoding } : {}),
      ...(call?.experimentId
        ? { [EXPERIMENT_HEADER]: await this.#there(place, api, call.experimentId) }
        : {}),
    };
    const body = bytes === 0 ? Readable.from([]) : await spool.read(waiting);
    const base = { method: "POST", path, search: "" };
    if (call?.encoding || !isJson(contentType))
      return { ...base, headers: { ...headers, "content-length": String(bytes) }, body };
    const text = await this.#there(place, api, await readText(body, GATEWAY_BODY_BYTES_MAX));
    return { ...base, ...withBody(headers, text) };
  }

  async #keep({ target, match, headers }: Routed, bytes: Buffer): Promise<void> {
    const { spool, onSpooled } = this.#parts;
    const { trackerId, workspace } = target;
    const experimentId = textOf(headers[EXPERIMENT_HEADER]);
    const encoding = textOf(headers["content-encoding"]);
    const call = { ...(experimentId ? { experimentId } : {}), ...(encoding ? { encoding } : {}) };
    const facts = {
      ...{ trackerId, path: match.route.path, call },
      contentType: headers["content-type"] ?? "application/json",
      ...(workspace === undefined ? {} : { workspace }),
    };
    const writer = await spool.begin(facts, bytes.length);
    let isKept = false;
    try {
      await writer.write(bytes);
      await writer.keep();
      isKept = true;
    } finally {
      if (!isKept) await writer.drop();
    }
    onSpooled(target);
  }

  /** A text with the ids that the tracker has of runs and experiments, all of which are there. */
  async #there(place: Place, api: TrackerApi, text: string): Promise<string> {
    await this.#checkMade(place, api, text);
    return await this.#parts.ids.in(place, api, text);
  }

  /** Makes the experiments that a text names, where the daemon made them up. Rejects with ApiDown where a run or a model is not made yet. */
  async #checkMade(place: Place, api: TrackerApi, text: string): Promise<void> {
    const { runs, experiments, ids } = this.#parts;
    for (const id of idsIn(text)) {
      if (isModelId(id)) await ids.modelAt(place, id);
      else if (id.length !== 32) await experiments.idMade(place, api, id);
      else if (!(await runs.isMade(place, id)))
        throw new NotMadeYet(`The run ${id} is not made at its tracker yet.`);
    }
  }
}

/** As a server answers that has taken it. */
function takenAs({ match, headers }: Routed, bytes: Buffer): GatewayAnswer {
  const type = textOf(headers["content-type"]);
  if (match.route.path === "/v1/traces")
    return { kind: "text", status: 200, body: isJson(type) ? "{}" : "", headers: { "content-type": type } };
  const trace = partOf(readBody(bytes.toString("utf8")), "trace");
  const info = partOf(trace, "trace_info");
  const tags = { ...partOf(info, "tags"), ...SPANS_HERE };
  return jsonAnswer({ trace: { ...trace, trace_info: { ...info, tags } } });
}

function isJson(contentType: string): boolean {
  return contentType.startsWith("application/json");
}

function textOf(value: string | string[] | undefined): string {
  return [value ?? ""].flat().join();
}

function partOf(object: JsonObject, name: string): JsonObject {
  return (object[name] ?? {}) as JsonObject;
}
