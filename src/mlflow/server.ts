/**
 * One server and how it is asked: credentials are fetched when they are needed, so that a
 * renewed one is used by the next pack, and live no longer than the requests of one pack.
 */
import type { Clock } from "../model/clock.js";
import { ANSWER_MS_MAX } from "../model/limits.js";
import type { ServerBackend } from "../model/target.js";
import { type Access, accessOf } from "./access.js";
import { DIALECTS } from "./dialect.js";
import { HttpClient } from "./http.js";
import { TokenSource } from "./oauth.js";
import type { WorkspaceRates } from "./rate.js";
import { Session } from "./session.js";

/** What a server needs of the daemon. */
export interface ServerOptions {
  readonly backend: ServerBackend;
  /** The tracker's settings with the secrets in place, at the moment of the call. Rejects with what stands in the way. */
  readonly settings: () => Promise<Readonly<Record<string, string>>>;
  /** The text of Databricks' file of profiles; empty where there is none. */
  readonly profileFile: () => string;
  /** Databricks' rates: one for all that asks the same workspace. */
  readonly rates: WorkspaceRates;
  readonly clock: Clock;
  /** Told what an MLflow server says of its version whenever it is asked; empty where it says none. */
  readonly onVersion: (version: string) => void;
  /** How long one answer may take; ANSWER_MS_MAX unless given. */
  readonly answerMs?: number;
}

export class Server {
  readonly #options: ServerOptions;
  readonly #clients = new Map<string, HttpClient>();
  readonly #tokens: TokenSource;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#tokens = new TokenSource(options.clock);
  }

  /** The server with the credentials of this moment. Rejects with a StepwellError where there are none to be had. */
  async session(): Promise<Session> {
    const { backend, settings, profileFile, rates, answerMs = ANSWER_MS_MAX } = this.#options;
    const access = accessOf(backend, await settings(), profileFile);
    const client = this.#clientOf(access);
    const ofWorkspace = DIALECTS[backend.kind].countsRequests ? rates.of(access) : undefined;
    return new Session({ access, client, rates: ofWorkspace, tokens: this.#tokens, answerMs });
  }

  /** Whether it may keep artifacts of programs that have no credentials for its storage. */
  get servesArtifacts(): boolean {
    return DIALECTS[this.#options.backend.kind].servesArtifacts;
  }

  /** The name that an experiment has there. */
  experimentName(name: string): string {
    return DIALECTS[this.#options.backend.kind].experimentName(name);
  }

  /** Breaks off what is under way. */
  destroy(): void {
    for (const client of this.#clients.values()) client.destroy();
    this.#clients.clear();
  }

  #clientOf({ baseUrl, tls }: Access): HttpClient {
    const key = JSON.stringify([baseUrl, tls]);
    let client = this.#clients.get(key);
    if (!client) {
      client = new HttpClient(new URL(baseUrl), tls, this.#options.clock);
      this.#clients.set(key, client);
    }
    return client;
  }
}
