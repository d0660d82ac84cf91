/**
 * HTTP to one server, over connections that are kept where that is faster: Node's own client, because
 * it is in every Node that Stepwell runs on, and a server takes a hundred requests a second at most.
 *
 * A connection that was idle for longer than its server keeps it is gone without a word, and
 * a request on it may or may not have arrived. So idle ones are given up before that.
 */
import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import type { Readable } from "node:stream";
import type { Clock } from "../model/clock.js";
import { ANSWER_BYTES_MAX, KEEP_ALIVE_IDLE_MS } from "../model/limits.js";
import { readCertificates, stampOf, type TlsSettings } from "./certificates.js";
import { type Exchange, exchange } from "./exchange.js";
import { flow } from "./flow.js";
import { KeepAlive } from "./keep-alive.js";
import { lookups } from "./lookup.js";
import type { Answer } from "./verdict.js";

/** One request. */
export interface Request {
  readonly method: string;
  /** With the query, from the root of the host. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** From now to the end of the answer. */
  readonly timeoutMs: number;
  /** Bytes of a good answer that the endpoint may need; ANSWER_BYTES_MAX unless given. */
  readonly answerBytesMax?: number;
}

/** A request whose bodies flow. */
export interface FlowRequest {
  readonly method: string;
  /** With the query, from the root of the host. */
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Readable | undefined;
  readonly signal: AbortSignal;
}

/** What a request is told that the daemon breaks off. */
const ENDS = "the daemon ends";

export class HttpClient {
  readonly #origin: URL;
  readonly #tls: TlsSettings;
  readonly #clock: Clock;
  readonly #lookup: LookupFunction;
  readonly #open = new Set<Exchange>();
  readonly #keepAlive = new KeepAlive();
  readonly #ending = new AbortController();
  #isDestroyed = false;
  #agents: Agents;
  #stamp: string;

  /** Throws STEPWELL_TLS_FAILED for a certificate file that can't be used. */
  constructor(origin: URL, tls: TlsSettings, clock: Clock, lookup: LookupFunction = lookups.find) {
    this.#origin = origin;
    this.#tls = tls;
    this.#clock = clock;
    this.#lookup = lookup;
    this.#stamp = stampOf(tls);
    this.#agents = agentsOf(origin, tls);
  }

  /** Resolves to what came back, or to why nothing did, by its deadline. Never rejects. */
  async ask({ method, path, headers, body, timeoutMs, answerBytesMax }: Request): Promise<Answer> {
    if (this.#isDestroyed) return { kind: "failed", code: "EPIPE", message: ENDS, isSent: false };
    this.#renew();
    const make = this.#origin.protocol === "https:" ? httpsRequest : httpRequest;
    const length = body ? { "content-length": String(body.length) } : {};
    const open = () =>
      make(this.#origin, {
        method,
        path,
        headers: { ...headers, ...length },
        agent: this.#keepAlive.next() ? this.#agents.kept : this.#agents.own,
        lookup: this.#lookup,
      });
    const bounds = { timeoutMs, answerBytesMax: answerBytesMax ?? ANSWER_BYTES_MAX };
    const onTimes = (bodyMs: number, connectMs: number | undefined) => this.#keepAlive.saw(bodyMs, connectMs);
    const running = exchange(open, body, bounds, this.#clock, onTimes);
    this.#open.add(running);
    return await running.answer.finally(() => this.#open.delete(running));
  }

  /** Answers once the head of the answer is here; its body is the caller's to read or to end. Rejects with the socket's error. */
  async flow({ method, path, headers, body, signal }: FlowRequest): Promise<IncomingMessage> {
    this.#renew();
    const make = this.#origin.protocol === "https:" ? httpsRequest : httpRequest;
    const agent = this.#keepAlive.next() ? this.#agents.kept : this.#agents.own;
    const open = () => make(this.#origin, { method, path, headers, agent, lookup: this.#lookup });
    return await flow(open, body, AbortSignal.any([signal, this.#ending.signal]));
  }

  /** Breaks off what is under way and closes all connections; nothing is asked any more. */
  destroy(): void {
    this.#isDestroyed = true;
    this.#ending.abort();
    for (const running of this.#open) running.abort(new Error(ENDS));
    this.#agents.kept.destroy();
    this.#agents.own.destroy();
  }

  /** Certificates that were renewed in their files count for new connections; ones that can't be used yet don't. */
  #renew(): void {
    const stamp = stampOf(this.#tls);
    if (stamp === this.#stamp) return;
    try {
      // Idle connections of the old ones end by themselves.
      this.#agents = agentsOf(this.#origin, this.#tls);
      this.#stamp = stamp;
    } catch {
      // Perhaps they are being written.
    }
  }
}

/** Both are for the same server. */
interface Agents {
  readonly kept: HttpAgent;
  /** Gives each request a connection of its own. */
  readonly own: HttpAgent;
}

function agentsOf(origin: URL, tls: TlsSettings): Agents {
  const kept = { keepAlive: true, timeout: KEEP_ALIVE_IDLE_MS };
  if (origin.protocol !== "https:") return { kept: new HttpAgent(kept), own: new HttpAgent() };
  const secureContext = readCertificates(tls);
  const secure = { secureContext, rejectUnauthorized: !tls.takesAny };
  return { kept: new HttpsAgent({ ...kept, ...secure }), own: new HttpsAgent(secure) };
}
