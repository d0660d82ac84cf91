/**
 * The address that Prometheus reads. It shows numbers alone: no run, no key, no secret. All the same it is not for
 * everybody: at a loopback address for the user's own processes, and for others, as a Prometheus with a user of its own,
 * with the token; elsewhere for whoever has the token, or for all where none was asked for. No page of a browser can ask:
 * neither by a name that leads here (`Host`) nor from where it stands (`Origin`).
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, isIP, type Socket } from "node:net";
import { hostname } from "node:os";
import { systemCode } from "../errors/system-code.js";
import { isOwnPeer } from "../home/peer.js";
import { readPlain } from "../home/plain-file.js";
import type { HostPort } from "../model/host-port.js";
import { isLoopback } from "../model/loopback.js";

export interface ScrapeServerOptions {
  readonly address: HostPort;
  /** A file whose text is the token; read each time, so that it can be renewed. */
  readonly tokenFile: string | undefined;
  readonly text: () => Promise<string>;
  /** Whether a connection over loopback is this user's. */
  readonly isOwn?: (socket: Socket) => Promise<boolean>;
  /** What the machine is called, by which others may ask for it. */
  readonly machine?: string;
}

const PATH = "/metrics";
const CONNECTIONS_MAX = 20;
const REQUEST_MS_MAX = 10_000;
const TOKEN_BYTES_MAX = 4_096;
const HEADERS = {
  "content-type": "text/plain; version=0.0.4; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'",
  "cross-origin-resource-policy": "same-origin",
  "x-content-type-options": "nosniff",
};

/** What is answered: a status and a text. */
type Answer = readonly [status: number, text: string];

export class ScrapeServer {
  readonly #options: ScrapeServerOptions;
  readonly #server: Server;
  #port = 0;
  #reading: Promise<string> | undefined;
  #fault: string | undefined;

  constructor(options: ScrapeServerOptions) {
    this.#options = options;
    const limits = { requestTimeout: REQUEST_MS_MAX, headersTimeout: REQUEST_MS_MAX };
    this.#server = createServer(limits, (request, response) => void this.#serve(request, response));
    this.#server.maxConnections = CONNECTIONS_MAX;
    // A connection that can't be taken, as without a free file, is no end of the process.
    this.#server.on("error", () => undefined);
    // It is no reason for a process to stay.
    this.#server.unref();
  }

  /** Its address; empty until it listens. */
  get url(): string {
    return this.#port === 0 ? "" : `http://${this.#options.address.host}:${this.#port}${PATH}`;
  }

  /** What keeps readers out that it should let in, a sentence; undefined: nothing that was seen. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Rejects where it can't. */
  async listen(): Promise<void> {
    const { host, port } = this.#options.address;
    // A callback would stay as a listener of each attempt that fails.
    const listening = once(this.#server, "listening");
    this.#server.listen({ port, host: host.replace(/^\[(.*)\]$/, "$1") });
    await listening;
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [status, text] = await this.#answer(request).catch(
      (): Answer => [500, "The metrics can't be read."],
    );
    response.writeHead(status, { ...HEADERS, "content-length": Buffer.byteLength(text) });
    response.end(request.method === "HEAD" ? undefined : text);
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const { method = "", url = "", headers } = request;
    const hasToken = await this.#hasToken(headers.authorization);
    const site = headers["sec-fetch-site"];
    if (headers.origin !== undefined || (site !== undefined && site !== "none"))
      return [403, "Pages may not ask for metrics."];
    // No page knows the token, whatever name leads here: a node's name may be one that only its cluster knows.
    if (!hasToken && !this.#isOurName(headers.host ?? "")) return [403, "Metrics are at no such name."];
    if (method !== "GET" && method !== "HEAD") return [405, "Metrics are read only."];
    if (url.split("?")[0] !== PATH) return [404, `Metrics are at ${PATH}.`];
    if (!hasToken && !(await this.#mayRead(request)))
      return [401, "Metrics are for the user who runs this process, or for who shows the token."];
    return [200, await this.#text()];
  }

  /** Who else reads meanwhile gets the same text. */
  async #text(): Promise<string> {
    this.#reading ??= this.#options.text().finally(() => {
      this.#reading = undefined;
    });
    return await this.#reading;
  }

  /** A name that somebody else's name server can't lead here: an address, localhost, or what we and the machine are called. */
  #isOurName(host: string): boolean {
    const [, name = ""] = /^(\[[^\]]*\]|[^:]*)(?::\d+)?$/.exec(host.toLowerCase()) ?? [];
    const { address, machine = hostname() } = this.#options;
    const isAddress = isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0;
    return isAddress || ["localhost", machine.toLowerCase(), address.host.toLowerCase()].includes(name);
  }

  /** Whether it shows the token. A file that can't be read lets nobody in, and is told to the user, not to whoever asks. */
  async #hasToken(authorization: string | undefined): Promise<boolean> {
    const { tokenFile } = this.#options;
    if (tokenFile === undefined) return false;
    try {
      const isShown = await isToken(tokenFile, authorization);
      this.#fault = undefined;
      return isShown;
    } catch (error) {
      const reason = systemCode(error) ?? (error instanceof Error ? error.message : String(error));
      this.#fault = `The token for metrics can't be read (${reason}): ${tokenFile}.`;
      return false;
    }
  }

  async #mayRead({ socket }: IncomingMessage): Promise<boolean> {
    const { address, tokenFile, isOwn = isOwnPeer } = this.#options;
    return isLoopback(address.host) ? await isOwn(socket) : tokenFile === undefined;
  }
}

async function isToken(file: string, authorization = ""): Promise<boolean> {
  const token = (await readPlain(file, TOKEN_BYTES_MAX)).toString("utf8").trim();
  const [, shown = ""] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  // An empty file lets nobody in.
  return token !== "" && timingSafeEqual(digestOf(token), digestOf(shown));
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
