/** MLflow's API of a local tracker, answered by the daemon from the tracker's own file. */
import { GATEWAY_BODY_BYTES_MAX } from "../model/limits.js";
import type { GatewayAnswer } from "./call.js";
import type { LocalStore } from "./local/local-store.js";
import { readText } from "./read-text.js";
import { type JsonObject, readBody } from "./requests/body.js";
import { RequestFault } from "./requests/request-fault.js";
import type { ApiAnswer, PassedRequest, TrackerApi } from "./tracker-api.js";

export class LocalApi implements TrackerApi {
  readonly #store: LocalStore;

  constructor(store: LocalStore) {
    this.#store = store;
  }

  async pass({ method, path, search, body: sent }: PassedRequest): Promise<GatewayAnswer> {
    const hasBody = sent !== undefined && method !== "GET";
    const body = hasBody ? readBody(await readText(sent, GATEWAY_BODY_BYTES_MAX)) : {};
    return { kind: "text", ...(await this.#answer(method, path, new URLSearchParams(search), body)) };
  }

  async ask(method: "GET" | "POST", path: string, content: JsonObject): Promise<ApiAnswer> {
    const isGet = method === "GET";
    const query = new URLSearchParams(isGet ? (content as Record<string, string>) : {});
    try {
      const { status, body } = await this.#answer(method, path, query, isGet ? {} : content);
      return { status, body: readBody(body) };
    } catch (error) {
      // What a server answers is an answer here, too.
      if (!(error instanceof RequestFault) || error.status >= 500) throw error;
      return { status: error.status, body: readBody(error.toJson()) };
    }
  }

  async close(): Promise<void> {
    await this.#store.close();
  }

  async #answer(method: string, path: string, query: URLSearchParams, body: JsonObject) {
    const answer = await this.#store.answer({ method, path, query, body });
    if (answer !== "unknown route") return answer;
    throw new RequestFault(
      "ENDPOINT_NOT_FOUND",
      `A local tracker does not answer ${method} ${path} without a server of MLflow's own: start one on its file (stepwell ui says how).`,
    );
  }
}
