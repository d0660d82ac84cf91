/**
 * MLflow's API of a tracker that takes entries alone: a database, or a relay. What programs log and begin is journaled
 * as for any tracker, and what the daemon itself knows of its runs is answered; all else is for the MLflow server in
 * front of the database.
 */
import { Readable } from "node:stream";
import { type GatewayAnswer, jsonAnswer } from "./call.js";
import { LOCAL_VERSION, SERVER_INFO } from "./local/answered-facts.js";
import { type ApiAnswer, ApiDown, type PassedRequest, type TrackerApi } from "./tracker-api.js";

const INFO = /^\/(?:ajax-)?api\/3\.0\/mlflow\/server-info$/;

export class StoreOnlyApi implements TrackerApi {
  readonly #trackingUri: string;

  constructor(trackingUri: string) {
    this.#trackingUri = trackingUri;
  }

  async pass({ method, path }: PassedRequest): Promise<GatewayAnswer> {
    if (method === "GET" && path === "/version") return textAnswer(LOCAL_VERSION);
    if (method === "GET" && path === "/health") return textAnswer("OK");
    if (method === "GET" && INFO.test(path)) return jsonAnswer(SERVER_INFO);
    throw this.#away(path);
  }

  async ask(_method: string, path: string): Promise<ApiAnswer> {
    throw this.#away(path);
  }

  async close(): Promise<void> {}

  refusal(): ApiDown {
    return this.#away("What is asked");
  }

  /** It stays so: nobody is to ask again. */
  #away(what: string): ApiDown {
    const server = /^grpcs?:/.test(this.#trackingUri) ? "beside that relay" : "in front of that database";
    const reason = `${what} can't be answered here: Stepwell only writes to ${this.#trackingUri}. Ask the MLflow server ${server}: set MLFLOW_TRACKING_URI to its address for artifacts and for what reads, or use an MLflow server's address as the tracking_uri.`;
    return new ApiDown(reason, { absence: "lasting", isUnsent: true });
  }
}

function textAnswer(text: string): GatewayAnswer {
  const body = Buffer.from(text);
  const headers = { "content-type": "text/html; charset=utf-8", "content-length": String(body.length) };
  return { kind: "flow", status: 200, headers, body: Readable.from([body]) };
}
