/**
 * The gateway's HTTP: on the loopback address alone, for whoever has a pass in the address. A page in a browser can't
 * come in by a name that leads here (`Host`), nor from another page (`Origin`). The port in both may be another one, as
 * where SSH brings it to a laptop: no name but this machine's own leads to such a port, so nobody else's page is there.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { isOwnPeer } from "../home/peer.js";
import { FLOW_IDLE_MS_MAX } from "../model/limits.js";
import type { Log } from "../model/log.js";
import type { GatewayAnswer, GatewayCall, PageCall } from "./call.js";
import { RequestFault } from "./requests/request-fault.js";

export interface GatewayServerOptions {
  /** The tracker that a pass opens, and for whose run; undefined for what is none, and where its tracker is gone. */
  readonly callerOf: (pass: string) => Pick<GatewayCall, "target" | "programRunId"> | undefined;
  readonly answer: (call: GatewayCall) => Promise<GatewayAnswer>;
  /** What answers below the pass of the daemon's own page; undefined for any other. */
  readonly pageOf: (pass: string) => ((call: PageCall) => Promise<GatewayAnswer>) | undefined;
  readonly log: Log;
}

const ADDRESS = "127.0.0.1";
/** This machine's own names, which no name server leads elsewhere, and any port. */
const OWN_NAME = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;
/** The pass, the path below it and the query; a client that takes us for a proxy names the server before them. */
const ADDRESS_PARTS = /^(?:https?:\/\/[^/?]*)?\/([^/?]*)(\/[^?]*)?(\?.*)?$/is;
/** Longer than a step computes between two calls: a new connection costs more than an idle one. */
const KEEP_ALIVE_MS = 600_000;
const HEADERS_MS_MAX = 60_000;
/** What a browser says of pages from elsewhere; "same-site" is another port of this machine. */
const FOREIGN_SITES: ReadonlySet<string> = new Set(["cross-site", "same-site"]);
/** Connections at once. Each is a descriptor, and the journal needs some, too. */
const CONNECTIONS_MAX = 4_000;
/** How long, and how many at once, another user's connections wait for being told that they are refused. */
const STRANGER_MS_MAX = 2_000;
const STRANGERS_MAX = 100;

export class GatewayServer {
  readonly #options: GatewayServerOptions;
  readonly #server: Server;
  readonly #own = new WeakMap<Socket, Promise<boolean>>();
  #strangers = 0;
  #port = 0;

  constructor(options: GatewayServerOptions) {
    this.#options = options;
    this.#server = createServer({
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: HEADERS_MS_MAX,
      // An upload of a large model takes as long as it takes; what stands still is ended by its socket's timeout.
      requestTimeout: 0,
    });
    // Longer than a tracker's server may stand still, which is told first.
    this.#server.timeout = 2 * FLOW_IDLE_MS_MAX;
    this.#server.maxConnections = CONNECTIONS_MAX;
    // Looked at once for each connection: it stays its user's.
    this.#server.on("connection", (socket) => {
      const looking = isOwnPeer(socket);
      this.#own.set(socket, looking);
      void looking.then((isOwn) => {
        if (!isOwn) this.#endSoon(socket);
      });
    });
    this.#server.on("request", (request, response) => void this.#serve(request, response));
    // A client that asks whether it may send gets its answer with the request.
    this.#server.on("checkContinue", (request, response) => {
      response.writeContinue();
      void this.#serve(request, response);
    });
  }

  /** Its address; empty until it listens. */
  get url(): string {
    return this.#port === 0 ? "" : `http://${ADDRESS}:${this.#port}`;
  }

  /** Listens at a port, or at any where that is somebody's; answers the port. */
  async listen(port: number): Promise<number> {
    try {
      await this.#listenAt(port);
    } catch (error) {
      if (port === 0 || (error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      this.#options.log(
        "warn",
        "the gateway's port is somebody's by now: programs that use it have to be started anew",
        { port },
      );
      await this.#listenAt(0);
    }
    this.#port = (this.#server.address() as AddressInfo).port;
    return this.#port;
  }

  /** Takes nothing new, waits for what is under way until the deadline, then cuts it. */
  async close(deadlineMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), deadlineMs);
    await closed;
    clearTimeout(timer);
  }

  /** Of another user's connections none is kept: they may be as many as they like. */
  #endSoon(socket: Socket): void {
    if (socket.destroyed) return;
    if (this.#strangers >= STRANGERS_MAX) {
      socket.destroy();
      return;
    }
    this.#strangers += 1;
    const timer = setTimeout(() => socket.destroy(), STRANGER_MS_MAX);
    socket.once("close", () => {
      clearTimeout(timer);
      this.#strangers -= 1;
    });
  }

  async #listenAt(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, ADDRESS, () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const ending = new AbortController();
    // An answer that is out, to a request that came whole, has nothing that would go on.
    response.once("close", () => {
      if (!response.writableFinished || !request.complete) ending.abort();
    });
    try {
      const answer = await this.#answerTo(request, ending.signal);
      await send(response, answer);
    } catch (error) {
      // The caller has gone, or what flows to it broke off: a cut connection tells it.
      response.destroy();
      if (!ending.signal.aborted)
        this.#options.log("warn", "an answer of the gateway broke off", { reason: String(error) });
    }
    // What was not read of a body would be taken for the next request.
    if (!request.complete) request.destroy();
  }

  async #answerTo(request: IncomingMessage, signal: AbortSignal): Promise<GatewayAnswer> {
    const refused = await this.#refusalOf(request);
    if (refused) return textOf(refused);
    const [, pass, rest, search = ""] = ADDRESS_PARTS.exec(request.url ?? "") ?? [];
    const { method = "GET", headers } = request;
    const call = { method, path: rest ?? "/", search, headers, body: request, signal };
    const page = pass ? this.#options.pageOf(pass) : undefined;
    // Its files are named from where it is: an address that lost its last letter would show nothing.
    if (page && rest === undefined) return movedTo(`/${pass}/${search}`);
    if (page) return await page(call);
    const caller = pass ? this.#options.callerOf(pass) : undefined;
    if (!caller)
      return textOf(
        new RequestFault(
          "UNAUTHENTICATED",
          'The address holds no pass of this daemon, or one that has ended. Get another: eval "$(stepwell env)".',
        ),
      );
    return await this.#options.answer({ ...call, ...caller });
  }

  /** Why it may not ask at all. */
  async #refusalOf({ headers, socket }: IncomingMessage): Promise<RequestFault | undefined> {
    const { host = "", origin } = headers;
    if ((await this.#own.get(socket)) !== true)
      return new RequestFault("PERMISSION_DENIED", "The gateway is for the user alone who runs the daemon.");
    if (!OWN_NAME.test(host))
      return new RequestFault("PERMISSION_DENIED", `The gateway is at ${this.url}, and at no other name.`);
    // A link to it may stand anywhere; what a page loads or asks comes from its own address alone.
    const isLink = headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
    const isOfPage = isLink || !FOREIGN_SITES.has(String(headers["sec-fetch-site"]));
    if (isOfPage && (origin === undefined || origin === `http://${host}`)) return undefined;
    return new RequestFault("PERMISSION_DENIED", "Pages of other servers may not ask the gateway.");
  }
}

/** Head and body in one write: with two the second waits for the first one's acknowledgement. */
async function send(response: ServerResponse, answer: GatewayAnswer): Promise<void> {
  if (answer.kind === "flow") {
    response.writeHead(answer.status, answer.headers);
    await pipeline(answer.body, response);
    return;
  }
  const length = Buffer.byteLength(answer.body);
  const headers = { "content-type": "application/json", "content-length": length, ...answer.headers };
  response.writeHead(answer.status, headers).end(answer.body);
}

function movedTo(location: string): GatewayAnswer {
  return { kind: "text", status: 308, body: "", headers: { location } };
}

function textOf(fault: RequestFault): GatewayAnswer {
  return { kind: "text", status: fault.status, body: fault.toJson() };
}
