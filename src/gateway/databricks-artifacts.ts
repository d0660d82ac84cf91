/**
 * Databricks' artifacts, served as MLflow's servers serve theirs. There they lie in the workspace's own storage, and
 * whoever has the workspace's credentials is given a signed address for each. A program behind the gateway has none: it
 * is told that its artifacts are the server's to keep (`mlflow-artifacts:`), and the daemon does with them what MLflow's
 * client would do. A signed address is a credential of its own: nobody is told one.
 */
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import { Readable } from "node:stream";
import { flow } from "../mlflow/flow.js";
import { GATEWAY_BODY_BYTES_MAX } from "../model/limits.js";
import { ARTIFACTS } from "./artifacts/artifacts.js";
import { type GatewayAnswer, jsonAnswer } from "./call.js";
import { refusalOf } from "./experiments.js";
import { readText } from "./read-text.js";
import type { JsonObject } from "./requests/body.js";
import { textField } from "./requests/fields.js";
import { RequestFault } from "./requests/request-fault.js";
import { type ApiAnswer, ApiDown, type PassedRequest, type TrackerApi } from "./tracker-api.js";

const API = "/api/2.0/mlflow";
const ROOT_THERE = "dbfs:/databricks/mlflow-tracking/";
const ROOT_HERE = "mlflow-artifacts:/";
/** Answers of these say where artifacts are. */
const TELLS_PLACES = /^\/(ajax-)?api\/[\d.]+\/mlflow\/(experiments|runs|logged-models)(\/|$)/;

/** Whose artifact it is, and its path below that; empty: all of them. */
interface Place {
  readonly kind: "run" | "model";
  readonly id: string;
  readonly path: string;
}

/** A signed address, and what has to be sent with it. */
interface Signed {
  readonly url: URL;
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
}

export class DatabricksArtifacts implements TrackerApi {
  readonly #api: TrackerApi;

  constructor(api: TrackerApi) {
    this.#api = api;
  }

  async pass(request: PassedRequest): Promise<GatewayAnswer> {
    if (request.path.startsWith(`${ARTIFACTS}/`)) return await this.#passArtifact(request);
    if (!TELLS_PLACES.test(request.path)) return await this.#api.pass(request);
    const { "accept-encoding": _, ...headers } = request.headers;
    return await servedHere(await this.#api.pass({ ...request, headers }));
  }

  async ask(method: "GET" | "POST", path: string, content: JsonObject): Promise<ApiAnswer> {
    if (path === ARTIFACTS) return await this.#list(placeAt(textField(content, "path")));
    const { status, body } = await this.#api.ask(method, path, content);
    return { status, body: JSON.parse(placesHere(JSON.stringify(body))) as JsonObject };
  }

  experimentName(name: string): string {
    return this.#api.experimentName?.(name) ?? name;
  }

  async close(): Promise<void> {
    await this.#api.close();
  }

  async #passArtifact(request: PassedRequest): Promise<GatewayAnswer> {
    const place = placeAt(decodeURIComponent(request.path.slice(ARTIFACTS.length + 1)));
    switch (request.method) {
      case "PUT":
        return await this.#upload(place, request);
      case "GET":
        return await this.#download(place, request.signal);
      default:
        throw new RequestFault("NOT_IMPLEMENTED", "Databricks removes no artifacts.");
    }
  }

  async #upload(place: Place, { headers, body, signal }: PassedRequest): Promise<GatewayAnswer> {
    const length = headers["content-length"];
    // Storage takes nothing whose length it is not told: it goes by way of the spool.
    if (length === undefined) throw new ApiDown("An upload to Databricks has a length.");
    const signed = await this.#signed(place, "write");
    const sized = { "content-length": length };
    const content = length === "0" ? undefined : body;
    switch (signed.type) {
      case "AWS_PRESIGNED_URL":
      case "GCP_SIGNED_URL":
        return await stored(await send(signed, { method: "PUT", headers: sized, body: content, signal }));
      case "AZURE_SAS_URI": {
        const blob = { ...sized, "x-ms-blob-type": "BlockBlob" };
        return await stored(await send(signed, { method: "PUT", headers: blob, body: content, signal }));
      }
      case "AZURE_ADLS_GEN2_SAS_URI": {
        const none = { "content-length": "0" };
        const made = await stored(
          await send(signed, { method: "PUT", query: { resource: "file" }, headers: none, signal }),
        );
        if (made.status >= 300 || content === undefined) return made;
        const query = { action: "append", position: "0", flush: "true" };
        return await stored(
          await send(signed, { method: "PATCH", query, headers: sized, body: content, signal }),
        );
      }
      default:
        throw new RequestFault("NOT_IMPLEMENTED", `Storage of the kind ${signed.type} is not known.`);
    }
  }

  async #download(place: Place, signal: AbortSignal): Promise<GatewayAnswer> {
    const answer = await send(await this.#signed(place, "read"), { method: "GET", headers: {}, signal });
    const status = answer.statusCode ?? 502;
    if (status >= 300) return await stored(answer);
    const { "content-length": length, "content-type": type = "application/octet-stream" } = answer.headers;
    const headers = { "content-type": type, ...(length === undefined ? {} : { "content-length": length }) };
    return { kind: "flow", status, headers, body: answer };
  }

  /** What MLflow's servers list: names below the folder. A file holds nothing. */
  async #list({ kind, id, path }: Place): Promise<ApiAnswer> {
    const files: JsonObject[] = [];
    let token = "";
    do {
      const page = token === "" ? {} : { page_token: token };
      const { status, body } = await (kind === "run"
        ? this.#api.ask("GET", `${API}/artifacts/list`, { run_id: id, path, ...page })
        : this.#api.ask("GET", `${API}/logged-models/${id}/artifacts/directories`, {
            artifact_directory_path: path,
            ...page,
          }));
      if (status !== 200) return { status, body };
      files.push(...((body["files"] ?? []) as JsonObject[]));
      token = textField(body, "next_page_token");
    } while (token !== "");
    const below = files.filter((file) => file["path"] !== path || file["is_dir"] === true);
    const prefix = path === "" ? 0 : path.length + 1;
    return {
      status: 200,
      body: { files: below.map((file) => ({ ...file, path: String(file["path"]).slice(prefix) })) },
    };
  }

  async #signed({ kind, id, path }: Place, use: "read" | "write"): Promise<Signed> {
    const [endpoint, asked] =
      kind === "run"
        ? [`artifacts/credentials-for-${use}`, { run_id: id, path: [path] }]
        : [
            `logged-models/${id}/artifacts/credentials-for-${use === "read" ? "download" : "upload"}`,
            { paths: [path] },
          ];
    const { status, body } = await this.#api.ask("POST", `${API}/${endpoint}`, asked);
    if (status !== 200) throw refusalOf(body);
    const [first = {}] = (body["credential_infos"] ?? body["credentials"] ?? []) as JsonObject[];
    const info = (first["credential_info"] ?? first) as JsonObject;
    const signedUri = info["signed_uri"];
    if (typeof signedUri !== "string" || !URL.canParse(signedUri))
      throw new RequestFault("INTERNAL_ERROR", "Databricks gave no address for the artifact.");
    const pairs = (info["headers"] ?? []) as readonly { readonly name: string; readonly value: string }[];
    return {
      url: new URL(signedUri),
      type: String(info["type"]),
      headers: Object.fromEntries(pairs.map(({ name, value }) => [name, value])),
    };
  }
}

interface Sent {
  readonly method: "GET" | "PUT" | "PATCH";
  readonly query?: Readonly<Record<string, string>>;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: Readable | undefined;
  readonly signal: AbortSignal;
}

/** Rejects with ApiDown where the storage does not answer. */
async function send(
  signed: Signed,
  { method, query = {}, headers, body, signal }: Sent,
): Promise<IncomingMessage> {
  const url = new URL(signed.url);
  // Written behind what is signed, which stays as it is.
  const more = new URLSearchParams(query).toString();
  if (more !== "") url.search = url.search === "" ? more : `${url.search.slice(1)}&${more}`;
  const make = url.protocol === "https:" ? httpsRequest : httpRequest;
  const open = () => make(url, { method, headers: { ...signed.headers, ...headers } });
  try {
    return await flow(open, body, signal);
  } catch (error) {
    throw new ApiDown(`${url.host} can't be asked now: ${(error as Error).message}`);
  }
}

/** What the storage said of an artifact, without its words: they may quote the address. Throws ApiDown for what passes. */
async function stored(answer: IncomingMessage): Promise<GatewayAnswer> {
  answer.resume();
  const { statusCode: status = 502 } = answer;
  if (status < 300) return jsonAnswer({});
  if (status === 404) throw new RequestFault("RESOURCE_DOES_NOT_EXIST", "There is no such artifact.");
  // A signature that has run out is made anew.
  if (status >= 500 || status === 403 || status === 408 || status === 429)
    throw new ApiDown(`The workspace's storage answers ${status}.`);
  return jsonAnswer(
    { error_code: "BAD_REQUEST", message: `The workspace's storage answers ${status}.` },
    status,
  );
}

/** EXPERIMENT/RUN/artifacts/PATH or EXPERIMENT/logged_models/MODEL/artifacts/PATH. */
function placeAt(path: string): Place {
  const [, of = "", ...rest] = path.split("/");
  const isModel = of === "logged_models";
  const [id = "", folder, ...below] = isModel ? rest : [of, ...rest];
  if (id === "" || folder !== "artifacts")
    throw new RequestFault(
      "INVALID_PARAMETER_VALUE",
      `${path} is no place of a run's or a model's artifacts.`,
    );
  return { kind: isModel ? "model" : "run", id, path: below.join("/") };
}

async function servedHere(answer: GatewayAnswer): Promise<GatewayAnswer> {
  if (answer.kind === "text") return { ...answer, body: placesHere(answer.body) };
  const text = Buffer.from(placesHere(await readText(answer.body, GATEWAY_BODY_BYTES_MAX)));
  const headers = { ...answer.headers, "content-length": String(text.length) };
  return { ...answer, headers, body: Readable.from([text]) };
}

function placesHere(json: string): string {
  return json.replaceAll(ROOT_THERE, ROOT_HERE);
}
