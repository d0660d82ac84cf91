/**
 * MLflow's API of a local tracker: the daemon answers what the fluent and client APIs use, from the tracker's own file
 * and its folder of artifacts; an MLflow server over the same file, started when it is needed, answers the rest.
 *
 * Programs get the places of artifacts as of a server that proxies them (`mlflow-artifacts:`); in the file they are paths.
 */
import { Readable } from "node:stream";
import { GATEWAY_BODY_BYTES_MAX } from "../model/limits.js";
import type { LocalArtifacts } from "./artifacts/local-artifacts.js";
import { type GatewayAnswer, jsonAnswer } from "./call.js";
import { LOCAL_VERSION, SERVER_INFO } from "./local/answered-facts.js";
import { keptLocation } from "./local/artifact-location.js";
import type { CurvePoint } from "./local/curves.js";
import type { LocalAnswer, LocalStore } from "./local/local-store.js";
import type { StoredPoints, StoredQuestion } from "./local/stored-points.js";
import { ArtifactViews, matchArtifactView } from "./local-artifact-views.js";
import type { LocalRest } from "./local-rest.js";
import { readText } from "./read-text.js";
import { type JsonObject, readBody } from "./requests/body.js";
import { RequestFault } from "./requests/request-fault.js";
import { type ApiAnswer, ApiDown, type PassedRequest, type TrackerApi } from "./tracker-api.js";

export interface LocalApiParts {
  readonly store: Pick<LocalStore, "answer" | "answers" | "curves" | "points" | "close">;
  readonly artifacts: LocalArtifacts;
  readonly rest: Pick<LocalRest, "pass" | "close">;
  /** Where the artifacts are. */
  readonly artifactRoot: string;
  /** Whether the folder that all of it is in is not where it was. */
  readonly isAway: () => boolean;
}

const ARTIFACTS = /^\/(?:ajax-)?api\/2\.0\/mlflow-artifacts\/artifacts(?:\/(.*))?$/s;
const INFO = /^\/(?:ajax-)?api\/3\.0\/mlflow\/server-info$/;
const NEW_VERSION = /^\/(?:ajax-)?api\/2\.0\/mlflow\/model-versions\/create$/;

export class LocalApi implements TrackerApi {
  readonly #parts: LocalApiParts;
  readonly #views: ArtifactViews;

  constructor(parts: LocalApiParts) {
    this.#parts = parts;
    this.#views = new ArtifactViews({
      artifacts: parts.artifacts,
      ask: (path, query) => this.ask("GET", path, query),
      passOn: (request) => this.#passOn(request),
    });
  }

  async pass(request: PassedRequest): Promise<GatewayAnswer> {
    const { method, path, search } = request;
    const { store, artifacts } = this.#parts;
    this.#checkPlace();
    if (method === "GET" && path === "/version") return textAnswer(LOCAL_VERSION);
    if (method === "GET" && path === "/health") return textAnswer("OK");
    if (method === "GET" && INFO.test(path)) return jsonAnswer(SERVER_INFO);
    const view = matchArtifactView(method, path);
    if (view) return await this.#views.answer(view, request);
    const [isArtifact, sent = ""] = ARTIFACTS.exec(path) ?? [];
    if (isArtifact !== undefined) return await artifacts.answer(request, sent);
    if (!store.answers(method, path)) return await this.#passOn(request);
    const body = method === "GET" ? {} : readBody(await bodyText(request));
    return { kind: "text", ...(await this.#answer(method, path, new URLSearchParams(search), body)) };
  }

  async ask(method: "GET" | "POST", path: string, content: JsonObject): Promise<ApiAnswer> {
    const isGet = method === "GET";
    const query = new URLSearchParams(isGet ? (content as Record<string, string>) : {});
    this.#checkPlace();
    try {
      const { status, body } = await this.#answer(method, path, query, isGet ? {} : content);
      return { status, body: readBody(body) };
    } catch (error) {
      if (!(error instanceof RequestFault)) throw error;
      // A file that somebody keeps locked is as good as away; what a server answers is an answer here, too.
      if (error.code === "TEMPORARILY_UNAVAILABLE") throw new ApiDown(error.message);
      return { status: error.status, body: readBody(error.toJson()) };
    }
  }

  async curves(runId: string, keys: readonly string[], most: number): Promise<Map<string, CurvePoint[]>> {
    this.#checkPlace();
    return await this.#parts.store.curves(runId, keys, most);
  }

  async points(runId: string, wanted: StoredQuestion): Promise<StoredPoints> {
    this.#checkPlace();
    return await this.#parts.store.points(runId, wanted);
  }

  async close(): Promise<void> {
    await Promise.all([this.#parts.store.close(), this.#parts.rest.close()]);
  }

  #checkPlace(): void {
    if (this.#parts.isAway())
      throw new ApiDown("The home of this tracker is not where it was.", { absence: "lasting" });
  }

  async #answer(
    method: string,
    path: string,
    query: URLSearchParams,
    body: JsonObject,
  ): Promise<LocalAnswer> {
    const answer = await this.#parts.store.answer({ method, path, query, body });
    if (answer !== "unknown route") return answer;
    throw new RequestFault("ENDPOINT_NOT_FOUND", `A local tracker does not answer ${method} ${path}.`);
  }

  async #passOn(request: PassedRequest): Promise<GatewayAnswer> {
    // The file is made as for everybody, and not at that server's own revision.
    const query = new URLSearchParams({ experiment_id: "0" });
    await this.#answer("GET", "/api/2.0/mlflow/experiments/get", query, {}).catch(throwAway);
    return await this.#parts.rest.pass(
      NEW_VERSION.test(request.path) ? await this.#withPlace(request) : request,
    );
  }

  /** A model's version names the place of its artifacts: that server has to know it as the path that it is. */
  async #withPlace(request: PassedRequest): Promise<PassedRequest> {
    const body = readBody(await bodyText(request));
    const { source } = body;
    const { artifactRoot } = this.#parts;
    const kept =
      typeof source === "string"
        ? { ...body, source: keptLocation({ artifactRoot, servesArtifacts: true }, source) }
        : body;
    const text = Buffer.from(JSON.stringify(kept));
    const headers = { ...request.headers, "content-length": String(text.length) };
    delete headers["transfer-encoding"];
    return { ...request, headers, body: Readable.from([text]) };
  }
}

/** Of a file that is away MLflow's server would make another one. */
function throwAway(error: unknown): void {
  if (error instanceof RequestFault && error.code === "TEMPORARILY_UNAVAILABLE") throw error;
}

async function bodyText({ body }: PassedRequest): Promise<string> {
  return body ? await readText(body, GATEWAY_BODY_BYTES_MAX) : "";
}

function textAnswer(text: string): GatewayAnswer {
  const body = Buffer.from(text);
  const headers = { "content-type": "text/html; charset=utf-8", "content-length": String(body.length) };
  return { kind: "flow", status: 200, headers, body: Readable.from([body]) };
}
