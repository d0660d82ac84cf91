/**
 * HTTP to one server, over connections that are kept where that is faster: Node's own client, because
 * it is in every Node that Stepwell runs on, and a server takes a hundred requests a second at most.
 *
 * A connection that was idle for longer than its server keeps it is gone without a word, and
 * a request on it may or may not have arrived. So idle ones are given up before that.
 */
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { ANSWER_BYTES_MAX, CONNECT_MS_MAX, KEEP_ALIVE_IDLE_MS } from "../model/limits.js";
import { readCertificates, stampOf, type TlsSettings } from "./certificates.js";
import { KeepAlive } from "./keep-alive.js";
import type { Answer } from "./verdict.js";

/** One request. */
export interface Request {
  readonly method: "GET" | "POST";
  /** With the query, from the root of the host. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** From now to the end of the answer. */
  readonly timeoutMs: number;
}

export class HttpClient {
  readonly #origin: URL;
  readonly #tls: TlsSettings;
  readonly #open = new Set<ClientRequest>();
  readonly #keepAlive = new KeepAlive();
  #agents: Agents;
  #stamp: string;

  /** Throws STEPWELL_TLS_FAILED for a certificate file that can't be used. */
  constructor(origin: URL, tls: TlsSettings) {
    this.#origin = origin;
    this.#tls = tls;
    this.#stamp = stampOf(tls);
    this.#agents = agentsOf(origin, tls);
  }

  /** Resolves to what came back, or to why nothing did. Never rejects. */
  ask(request: Request): Promise<Answer> {
    this.#renew();
    return new Promise((resolve) => {
      const make = this.#origin.protocol === "https:" ? httpsRequest : httpRequest;
      const { method, path, headers, body } = request;
      const length = body ? { "content-length": String(body.length) } : {};
      const sent = make(this.#origin, {
        method,
        path,
        headers: { ...headers, ...length },
        agent: this.#keepAlive.next() ? this.#agents.kept : this.#agents.own,
      });
      const progress = watch(sent);
      this.#open.add(sent);
      const deadline = setTimeout(
        () => sent.destroy(timeout("no whole answer", request.timeoutMs)),
        request.timeoutMs,
      );
      const settle = (answer: Answer) => {
        clearTimeout(deadline);
        this.#open.delete(sent);
        resolve(answer);
      };
      const fail = (error: Error & { code?: string }) =>
        settle({
          kind: "failed",
          code: error.code ?? "EPIPE",
          message: error.message,
          isSent: progress.isConnected,
        });
      sent.on("error", fail);
      sent.on("response", (response) => {
        read(response, (bodyMs) => this.#keepAlive.saw(bodyMs, progress.connectMs)).then(
          settle,
          (error: Error) => {
            sent.destroy();
            fail(error);
          },
        );
      });
      sent.end(body);
    });
  }

  /** Breaks off what is under way and closes all connections. */
  destroy(): void {
    for (const request of this.#open) request.destroy(new Error("the daemon ends"));
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

interface Progress {
  /** Whether the connection was made: before that the server can't have got anything. */
  isConnected: boolean;
  /** How long it took to make it; undefined for one that was kept. */
  connectMs?: number;
}

function watch(sent: ClientRequest): Readonly<Progress> {
  const progress: Progress = { isConnected: false };
  sent.on("socket", (socket) => {
    if (!socket.connecting) {
      progress.isConnected = true;
      return;
    }
    const beginMs = performance.now();
    const limit = setTimeout(() => sent.destroy(timeout("no connection", CONNECT_MS_MAX)), CONNECT_MS_MAX);
    const isEncrypted = "encrypted" in socket;
    socket.once(isEncrypted ? "secureConnect" : "connect", () => {
      clearTimeout(limit);
      progress.isConnected = true;
      progress.connectMs = performance.now() - beginMs;
    });
    socket.once("close", () => clearTimeout(limit));
  });
  return progress;
}

/** Reads the whole of an answer whose head has come; onBody is told how long its body took to begin. */
async function read(response: IncomingMessage, onBody: (ms: number) => void): Promise<Answer> {
  const headMs = performance.now();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    if (bytes === 0) onBody(performance.now() - headMs);
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw coded("EMSGSIZE", `an answer of more than ${ANSWER_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : value,
    ]),
  );
  const body = Buffer.concat(chunks).toString("utf8");
  return { kind: "answered", status: response.statusCode ?? 0, headers, body };
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

function timeout(what: string, afterMs: number): Error {
  return coded("ETIMEDOUT", `${what} within ${afterMs} ms`);
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
