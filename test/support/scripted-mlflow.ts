/**
 * An HTTP server that keeps runs as MLflow's REST API does and, where a test says so,
 * answers otherwise, answers late, or breaks the connection before or after it did the work.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { TLSSocket } from "node:tls";
import type { ExecutionContext } from "ava";
import { bodyOf } from "./request-body.js";
import { ScriptedStore } from "./scripted-store.js";

/** What a test wants instead of MLflow's own answer. */
export type Reaction =
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  /** The connection breaks before anything was done, or after all of it. */
  | "break-before"
  | "break-after"
  /** All of it was done, and half of the answer comes, as if that were all. */
  | "half-after"
  /** Nothing is answered, the connection breaks or is given up, and all of it is done after that, once this resolves. */
  | { readonly late: Promise<void>; readonly breaks: boolean }
  /** It is carried out and answered as ever, once this resolves. */
  | { readonly waits: Promise<void> }
  /** No answer comes. */
  | "hang";

/** A request as it came. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  readonly atMs: number;
}

export interface ScriptedOptions {
  /** Whether points that come twice are kept twice. */
  readonly appends?: boolean;
  /** How many entries a batch may hold; 1000 unless given. */
  readonly entriesMax?: number;
  /** Whether it says who it is, as a server does and Databricks does not. */
  readonly greets?: boolean;
  /** What its answers say of the workspace, as Databricks' do. */
  readonly workspaceId?: string;
  /** How long it keeps an idle connection; a minute unless given. */
  readonly keepAliveMs?: number;
  /** PEM texts, for https; with a CA it asks for a client's certificate. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca?: string };
}

type Rule = (request: Seen) => Reaction | undefined;

export class ScriptedMlflow {
  readonly store: ScriptedStore;
  readonly seen: Seen[] = [];
  /** Whom the certificates name that clients showed, by connection. */
  readonly shown: string[] = [];
  readonly #server: Server;
  readonly #options: ScriptedOptions;
  /** Connections that are open, that ever were, and that the client ended. */
  connections = 0;
  connectionsMade = 0;
  connectionsEnded = 0;
  #rules: Rule[] = [];

  private constructor(options: ScriptedOptions) {
    this.#options = options;
    this.store = new ScriptedStore(options.appends ?? false, options.entriesMax);
    const serve = (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response);
    const { tls } = options;
    this.#server = tls
      ? createTlsServer({ ...tls, ...(tls.ca === undefined ? {} : { requestCert: true }) }, serve)
      : createServer(serve);
  }

  #count(): void {
    this.#server.keepAliveTimeout = this.#options.keepAliveMs ?? 60_000;
    this.#server.on("secureConnection", (socket: TLSSocket) => {
      this.shown.push(String(socket.getPeerCertificate().subject?.CN ?? ""));
    });
    this.#server.on("connection", (socket) => {
      this.connectionsMade += 1;
      this.connections += 1;
      socket.once("end", () => {
        this.connectionsEnded += 1;
      });
      socket.once("close", () => {
        this.connections -= 1;
      });
    });
  }

  static async start(
    t: Pick<ExecutionContext, "teardown">,
    options: ScriptedOptions = {},
  ): Promise<ScriptedMlflow> {
    const scripted = new ScriptedMlflow(options);
    scripted.#count();
    scripted.#server.listen(0, "127.0.0.1");
    await once(scripted.#server, "listening");
    t.teardown(() => {
      scripted.#server.closeAllConnections();
      scripted.#server.close();
    });
    return scripted;
  }

  get url(): string {
    const address = this.#server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    return `${this.#options.tls ? "https" : "http"}://127.0.0.1:${port}`;
  }

  /** From now on this comes first; a rule that answers undefined leaves the request to the next. */
  rule(rule: Rule): void {
    this.#rules = [rule, ...this.#rules];
  }

  /** The next request whose path ends so gets this answer. */
  once(ending: string, reaction: Reaction): void {
    let isSpent = false;
    this.rule(({ path }) => {
      if (isSpent || !path.split("?")[0]?.endsWith(ending)) return undefined;
      isSpent = true;
      return reaction;
    });
  }

  /** The requests whose path ends so. */
  of(ending: string): Seen[] {
    return this.seen.filter(({ path }) => path.split("?")[0]?.endsWith(ending));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = await bodyOf(request);
    if (bytes === undefined) return;
    const body = bytes.toString();
    const { method = "", url: path = "", headers } = request;
    const seen = { method, path, headers, body, atMs: performance.now() };
    this.seen.push(seen);
    const reaction = this.#rules.map((rule) => rule(seen)).find((found) => found !== undefined);
    if (reaction === "hang") return;
    if (reaction === "break-before") return void request.socket.destroy();
    if (typeof reaction === "object" && "late" in reaction) {
      if (reaction.breaks) request.socket.destroy();
      // Not by once(), which rejects where the connection was reset.
      if (!request.socket.closed) await new Promise((resolve) => request.socket.once("close", resolve));
      await reaction.late;
      return void this.#answer(seen);
    }
    if (typeof reaction === "object" && "waits" in reaction) await reaction.waits;
    else if (typeof reaction === "object") {
      response.writeHead(reaction.status, reaction.headers);
      return void response.end(reaction.body ?? "");
    }
    // Written out, so that Node does not add how long it keeps the connection: MLflow's servers don't say.
    response.setHeader("connection", "keep-alive");
    const { workspaceId } = this.#options;
    if (workspaceId !== undefined) response.setHeader("x-databricks-org-id", workspaceId);
    const answer = this.#answer(seen);
    if (reaction === "break-after") return void request.socket.destroy();
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(reaction === "half-after" ? answer.body.slice(0, answer.body.length / 2) : answer.body);
  }

  #answer({ method, path, body }: Seen): { status: number; body: string } {
    const url = new URL(path, this.url);
    const endpoint = url.pathname.replace(/^.*\/api\/2\.0\/mlflow\//, "");
    if (this.#options.greets !== false) {
      if (url.pathname.endsWith("/version")) return { status: 200, body: "3.17.2" };
      if (url.pathname.endsWith("/server-info")) {
        const type = this.#options.appends ? "FileStore" : "SqlStore";
        return { status: 200, body: JSON.stringify({ store_type: type }) };
      }
    }
    return this.store.answer(method, endpoint, url.searchParams, body);
  }
}
