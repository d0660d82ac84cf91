/**
 * Artifacts of a local tracker as a run's or a logged model's: lists and downloads by paths below the place that its
 * artifacts have. What lies elsewhere than in the tracker's folder is seen with MLflow's own means.
 */
import { readArtifactPath } from "./artifacts/artifact-path.js";
import type { LocalArtifacts } from "./artifacts/local-artifacts.js";
import { type GatewayAnswer, jsonAnswer } from "./call.js";
import type { JsonObject } from "./requests/body.js";
import { missing, textField } from "./requests/fields.js";
import { invalid, RequestFault } from "./requests/request-fault.js";
import type { ApiAnswer, PassedRequest } from "./tracker-api.js";

/** What a route shows, and of what. */
export interface ArtifactView {
  readonly shows: "list" | "file";
  /** Undefined: of the run that the query names. */
  readonly modelId: string | undefined;
}

export interface ArtifactViewsOptions {
  readonly artifacts: Pick<LocalArtifacts, "listPlace" | "downloadPlace">;
  /** Asks the tracker for a run or a model. */
  readonly ask: (path: string, query: JsonObject) => Promise<ApiAnswer>;
  /** Asks MLflow's own server. */
  readonly passOn: (request: PassedRequest) => Promise<GatewayAnswer>;
}

const LIST = /^\/(?:ajax-)?api\/2\.0\/mlflow\/artifacts\/list$/;
const MODEL_LIST = /^\/(?:ajax-)?api\/2\.0\/mlflow\/logged-models\/([^/]+)\/artifacts\/directories$/;
const MODEL_FILE = /^\/ajax-api\/2\.0\/mlflow\/logged-models\/([^/]+)\/artifacts\/files$/;
const SERVED = /^mlflow-artifacts:\/*(.*)$/s;

/** The view of a request; undefined for another route. */
export function matchArtifactView(method: string, path: string): ArtifactView | undefined {
  if (method !== "GET") return undefined;
  if (LIST.test(path)) return { shows: "list", modelId: undefined };
  if (path === "/get-artifact") return { shows: "file", modelId: undefined };
  const listed = MODEL_LIST.exec(path)?.[1];
  if (listed !== undefined) return { shows: "list", modelId: listed };
  const read = MODEL_FILE.exec(path)?.[1];
  return read === undefined ? undefined : { shows: "file", modelId: read };
}

export class ArtifactViews {
  readonly #options: ArtifactViewsOptions;

  constructor(options: ArtifactViewsOptions) {
    this.#options = options;
  }

  /** Answers a request of that view. Throws a RequestFault. */
  async answer({ shows, modelId }: ArtifactView, request: PassedRequest): Promise<GatewayAnswer> {
    const query = new URLSearchParams(request.search);
    const runId = query.get("run_id") || query.get("run_uuid") || "";
    if (modelId === undefined && runId === "") throw missing("run_id");
    const path = pathOf(query, shows, modelId);
    const { status, body } = await this.#subject(modelId, runId);
    if (status !== 200) return jsonAnswer(body, status);
    const uri =
      modelId === undefined ? infoText(body["run"], "artifact_uri") : infoText(body["model"], "artifact_uri");
    const [, root] = SERVED.exec(uri) ?? [];
    if (root === undefined) return await this.#options.passOn(request);
    const place = [root, path].filter((each) => each !== "").join("/");
    const { artifacts } = this.#options;
    return shows === "file"
      ? await artifacts.downloadPlace(place, request.headers)
      : await this.#list(uri, place, path);
  }

  async #subject(modelId: string | undefined, runId: string): Promise<ApiAnswer> {
    const { ask } = this.#options;
    return modelId === undefined
      ? await ask("/api/2.0/mlflow/runs/get", { run_id: runId })
      : await ask(`/api/2.0/mlflow/logged-models/${modelId}`, {});
  }

  async #list(uri: string, place: string, path: string): Promise<GatewayAnswer> {
    const found = await this.#options.artifacts.listPlace(place);
    const below = path === "" || path.endsWith("/") ? path : `${path}/`;
    const files = found.map((each) => ({ ...each, path: `${below}${each.path}` }));
    return jsonAnswer({ root_uri: uri, ...(files.length === 0 ? {} : { files }) });
  }
}

/** The path below the place, which no request leads out of. */
function pathOf(query: URLSearchParams, shows: ArtifactView["shows"], modelId: string | undefined): string {
  const ofModel = shows === "list" ? "artifact_directory_path" : "artifact_file_path";
  const name = modelId === undefined ? "path" : ofModel;
  const sent = query.get(name) ?? "";
  if (shows === "list" || sent !== "") return readArtifactPath(sent);
  throw modelId === undefined
    ? invalid("The request names no path.")
    : new RequestFault("BAD_REQUEST", `Request must include the "${name}" query parameter.`);
}

function infoText(subject: unknown, name: string): string {
  const info = (subject as JsonObject | undefined)?.["info"] as JsonObject | undefined;
  return textField(info ?? {}, name);
}
