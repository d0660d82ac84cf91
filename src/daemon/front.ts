/** What others find the daemon by: its socket, and the endpoint file that names it. */
import { rm } from "node:fs/promises";
import type { ApiServer } from "../api/server.js";
import type { GetInfoResponse } from "../gen/stepwell/v1/daemon.js";
import { type HomePaths, removeEndpoint, writeEndpoint } from "../home/endpoint.js";
import { setAside } from "../home/plain-file.js";
import { processMark } from "../home/process-identity.js";
import { makeSocketPlace } from "../home/socket-place.js";
import { VERSION } from "../model/version.js";

/** The home and its daemon. */
export interface FrontFacts {
  readonly paths: HomePaths;
  /** Asked each time: the home may take a new id. */
  readonly homeId: () => string;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  /** The gateway's address without a pass; empty while it has none. */
  readonly gatewayUrl: () => string;
}

export class Front {
  readonly #facts: FrontFacts;
  /** Empty until it listens. */
  #socketPath = "";

  constructor(facts: FrontFacts) {
    this.#facts = facts;
  }

  get socketPath(): string {
    return this.#socketPath;
  }

  /** A gRPC target. */
  get endpoint(): string {
    return `unix:${this.#socketPath}`;
  }

  /** What the daemon says of itself, as it is when it is asked. */
  info(): GetInfoResponse {
    const { paths, homeId, startedMs, gatewayUrl } = this.#facts;
    return {
      ...{ pid: process.pid, version: VERSION, endpoint: this.endpoint, gatewayUrl: gatewayUrl() },
      ...{ home: paths.home, homeId: homeId(), startedMs: BigInt(startedMs) },
    };
  }

  /** Listens, in place of whatever lies there: the home is ours. */
  async listen(api: ApiServer): Promise<void> {
    this.#socketPath = await this.#clearedPlace();
    await api.listen(this.endpoint);
  }

  /** Listens where the socket is gone; elsewhere, if its folder is somebody's by now. */
  async listenAgain(api: ApiServer): Promise<void> {
    const before = this.endpoint;
    // Letting go of the old one removes what lies at its path.
    this.#socketPath = await this.#clearedPlace();
    if (this.endpoint === before) await api.listenAgain(before);
    else await api.listen(this.endpoint);
  }

  /** Writes the endpoint file. */
  async announce(): Promise<void> {
    const { paths, homeId, startedMs } = this.#facts;
    const { endpoint } = this;
    await writeEndpoint(paths, {
      pid: process.pid,
      version: VERSION,
      endpoint,
      home: paths.home,
      homeId: homeId(),
      startedMs,
      process: processMark(),
    });
  }

  /** Takes the socket away; nobody listens to it any more. */
  async removeSocket(): Promise<void> {
    await rm(this.#socketPath, { force: true });
  }

  /** Takes the endpoint file away. */
  conceal(): void {
    removeEndpoint(this.#facts.paths, process.pid);
  }

  async #clearedPlace(): Promise<string> {
    const path = await makeSocketPlace(this.#facts.paths.socketFolders);
    await rm(path, { force: true }).catch(() => setAside(path));
    return path;
  }
}
