/**
 * A tracker's server behind the gateway: what is passed on flows through with the tracker's credentials in place of the
 * sender's, and what the gateway itself needs to know is asked. A server that can't be reached, or a proxy before it
 * that says so, is down: whoever asked decides what is done without it.
 */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import { Readable } from "node:stream";
import type { FlowError } from "../mlflow/flow.js";
import type { Server } from "../mlflow/server.js";
import type { Clock } from "../model/clock.js";
import {
  ERROR_BYTES_MAX,
  GATEWAY_BODY_BYTES_MAX,
  GATEWAY_DOWN_MS,
  GATEWAY_LOOK_MS_MAX,
} from "../model/limits.js";
import { AbsenceWatch } from "./absence.js";
import type { GatewayAnswer } from "./call.js";
import { readText } from "./read-text.js";
import { type JsonObject, readBody } from "./requests/body.js";
import { RequestFault } from "./requests/request-fault.js";
import { type ApiAnswer, ApiDown, type PassedRequest, type TrackerApi } from "./tracker-api.js";

/** Headers of one connection, and those that name the gateway or its client: none is passed on. */
const OF_ONE_HOP = new Set([
  ...["connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer"],
  ...["transfer-encoding", "upgrade", "host", "origin", "referer", "authorization", "cookie", "expect"],
]);
const OF_ANSWERS = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "set-cookie",
  "www-authenticate",
]);
/** A proxy says with these that its server is not there. */
const DOWN = new Set([502, 503, 504]);

interface Question {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly content: JsonObject;
  readonly more: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export class Upstream implements TrackerApi {
  readonly #server: Pick<Server, "session" | "experimentName" | "destroy">;
  readonly #clock: Clock;
  readonly #lookMsMax: number;
  readonly #absence: AbsenceWatch;
  /** Why nobody answered last, and until when that is answered without another look. */
  #down: { readonly untilMs: number; readonly reason: string } | undefined;
  /** Whether somebody looks again just now. */
  #isLooking = false;

  /** `lookMsMax`: how long an answer to a question of the daemon's own may take. */
  constructor(
    server: Pick<Server, "session" | "experimentName" | "destroy">,
    clock: Clock,
    lookMsMax = GATEWAY_LOOK_MS_MAX,
  ) {
    this.#server = server;
    this.#clock = clock;
    this.#lookMsMax = lookMsMax;
    this.#absence = new AbsenceWatch(clock);
  }

  /** Passes a request on. Rejects with ApiDown. */
  async pass({ method, path, search, headers, body, signal }: PassedRequest): Promise<GatewayAnswer> {
    const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_ONE_HOP.has(name)));
    const length = headers["content-length"];
    const hasBody = length !== undefined || headers["transfer-encoding"] !== undefined;
    if (this.#down && this.#clock.monotonicMs() < this.#down.untilMs)
      throw this.#awayFor(this.#down.reason, true);
    const session = await this.#session();
    const answer = await session
      .flow({ method, path: `${path}${search}`, headers: kept, body: hasBody ? body : undefined, signal })
      .catch((error: unknown) => {
        // Who asked may have gone: that says nothing of the server.
        throw signal.aborted ? downOf(session.baseUrl, error) : this.#downFor(downOf(session.baseUrl, error));
      });
    this.#down = undefined;
    if (!DOWN.has(answer.statusCode ?? 502)) this.#absence.end();
    const status = answer.statusCode ?? 502;
    const answered = headersOf(answer.headers);
    if (status < 400) return { kind: "flow", status, headers: answered, body: answer };
    // It may quote what it was asked with.
    const text = await session.redacted(await readText(answer, ERROR_BYTES_MAX));
    if (DOWN.has(status)) throw this.#awayFor(`${session.baseUrl} answers ${status}: ${text.slice(0, 500)}`);
    const said = Buffer.from(text);
    const { "content-length": _, ...others } = answered;
    const shown = { ...others, "content-length": String(said.length) };
    return { kind: "flow", status, headers: shown, body: Readable.from([said]) };
  }

  /** Asks an endpoint of the API. Rejects with ApiDown. */
  async ask(
    method: "GET" | "POST",
    path: string,
    content: JsonObject,
    more: Readonly<Record<string, string>> = {},
  ): Promise<ApiAnswer> {
    // While nobody answers, one question looks whether somebody does again: the others need not wait for it.
    if (this.#down && this.#isLooking) throw this.#awayFor(this.#down.reason, true);
    const isLook = this.#down !== undefined;
    const beganMs = this.#clock.monotonicMs();
    const signal = AbortSignal.timeout(this.#lookMsMax);
    if (isLook) this.#isLooking = true;
    try {
      return await this.#ask({ method, path, content, more, signal });
    } catch (error) {
      // One that says nothing is as good as away, for as long as it took to find out.
      throw signal.aborted ? this.#downFor(downOf(path, error), this.#clock.monotonicMs() - beganMs) : error;
    } finally {
      if (isLook) this.#isLooking = false;
    }
  }

  async #ask({ method, path, content, more, signal }: Question): Promise<ApiAnswer> {
    const isGet = method === "GET";
    const text = isGet ? undefined : Buffer.from(JSON.stringify(content));
    const search = isGet ? `?${new URLSearchParams(content as Record<string, string>)}` : "";
    const answer = await this.pass({
      ...{ method, path, search },
      headers: text
        ? { ...more, "content-type": "application/json", "content-length": String(text.length) }
        : { ...more, accept: "application/json" },
      body: text && Readable.from([text]),
      signal,
    });
    if (answer.kind === "text") return { status: answer.status, body: readBody(answer.body) };
    const read = await readText(answer.body, GATEWAY_BODY_BYTES_MAX).catch((error: unknown) => {
      throw downOf(path, error);
    });
    return { status: answer.status, body: readBody(read) };
  }

  /** A name that leads nowhere takes ten seconds to say so: a program that asks a hundred times waits once. */
  #downFor(fault: RequestFault, tookMs = 0): RequestFault {
    const forMs = Math.max(GATEWAY_DOWN_MS, tookMs);
    this.#down = { untilMs: this.#clock.monotonicMs() + forMs, reason: fault.message };
    return this.#awayFor(fault.message, fault instanceof ApiDown && fault.isUnsent);
  }

  #awayFor(reason: string, isUnsent = false): ApiDown {
    return new ApiDown(reason, { absence: this.#absence.note(), sinceMs: this.#absence.sinceMs, isUnsent });
  }

  experimentName(name: string): string {
    return this.#server.experimentName(name);
  }

  async close(): Promise<void> {
    this.#server.destroy();
  }

  async #session() {
    try {
      return await this.#server.session();
    } catch (error) {
      throw downOf("The tracker", Object.assign(error as FlowError, { isConnected: false }));
    }
  }
}

function headersOf(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_ANSWERS.has(name)));
}

function downOf(where: string, error: unknown): RequestFault {
  if (error instanceof RequestFault) return error;
  const { message, code, isConnected } = error as FlowError;
  const reason = `${where} can't be asked now: ${message}${code ? ` (${code})` : ""}`;
  return new ApiDown(reason, { isUnsent: isConnected === false });
}
