/**
 * What a server says of itself: its version, what it can do, that it is well. Clients ask once and remember a failure
 * for their whole process, so that without the server they get what it said last, also after a restart of the daemon.
 */
import { Readable } from "node:stream";
import { GATEWAY_BODY_BYTES_MAX } from "../model/limits.js";
import type { Target } from "../model/target.js";
import type { Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";
import type { GatewayAnswer } from "./call.js";
import { readText } from "./read-text.js";
import { type JsonObject, readBody } from "./requests/body.js";
import type { Routed } from "./routed.js";
import { ApiDown, type PassedRequest, type TrackerApi } from "./tracker-api.js";

interface KnownAnswer {
  readonly contentType: string;
  readonly body: string;
}

const SERVER_INFO = "/api/3.0/mlflow/server-info";
const VERSION = "/version";
/** What a program asks for that has never asked before. */
const PATHS = [SERVER_INFO, VERSION, "/health"];
/** Uploads and downloads that go around the server go around the gateway, too: a client that trusts these does neither. */
const NOT_HERE = { multipart_uploads_enabled: false, multipart_downloads_enabled: false };

export class KnownAnswers {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Answers one of them. Rejects with ApiDown where the server never said anything. */
  async answer(call: Routed): Promise<GatewayAnswer> {
    const { target, api } = call;
    const { path } = call.match.route;
    try {
      return await this.#ask(target, api, path, call);
    } catch (error) {
      if (!(error instanceof ApiDown)) throw error;
      const known = await this.#store.get<KnownAnswer>(TABLES.gatewayAnswer, keyOf(target, path));
      if (!known) throw error;
      return answerOf(known);
    }
  }

  /** The version that the server said last; undefined: it never did. */
  async version(target: Target): Promise<string | undefined> {
    return (await this.#store.get<KnownAnswer>(TABLES.gatewayAnswer, keyOf(target, VERSION)))?.body;
  }

  /** Asks for all of them, for programs that come when the server is away. Never rejects. */
  async learn(target: Target, api: TrackerApi, signal: AbortSignal): Promise<void> {
    for (const path of PATHS) {
      const request = { method: "GET", path, search: "", headers: {}, body: undefined, signal };
      await this.#ask(target, api, path, request).catch(() => undefined);
    }
  }

  async #ask(target: Target, api: TrackerApi, path: string, request: PassedRequest): Promise<GatewayAnswer> {
    const answer = await api.pass(request);
    if (answer.status !== 200) return answer;
    const said = answer.kind === "text" ? answer.body : await readText(answer.body, GATEWAY_BODY_BYTES_MAX);
    const type = answer.kind === "text" ? undefined : answer.headers["content-type"];
    const known = {
      contentType: typeof type === "string" ? type : "application/json",
      body: path === SERVER_INFO ? JSON.stringify(infoOf(readBody(said))) : said,
    };
    await this.#keep(keyOf(target, path), known);
    return answerOf(known);
  }

  async #keep(key: string, known: KnownAnswer): Promise<void> {
    const before = await this.#store.get<KnownAnswer>(TABLES.gatewayAnswer, key);
    if (before?.body === known.body) return;
    await this.#store.write([{ table: TABLES.gatewayAnswer, key, value: known }], { sync: false });
  }
}

function infoOf(said: JsonObject): JsonObject {
  return { ...said, ...NOT_HERE };
}

function answerOf({ contentType, body }: KnownAnswer): GatewayAnswer {
  const bytes = Buffer.from(body);
  const headers = { "content-type": contentType, "content-length": String(bytes.length) };
  return { kind: "flow", status: 200, headers, body: Readable.from([bytes]) };
}

function keyOf({ trackerId }: Target, path: string): string {
  return `${trackerId}${path}`;
}
