import type { IncomingMessage } from "node:http";
import { VERSION } from "../model/version.js";
import type { Access } from "./access.js";
import type { FlowRequest, HttpClient } from "./http.js";
import { TOKEN_PATH, type TokenSource } from "./oauth.js";
import type { Rates } from "./rate.js";
import { Redactor, secretsOf } from "./redaction.js";
import { type Answer, type JsonObject, type Verdict, verdictOf } from "./verdict.js";

interface SessionParts {
  readonly access: Access;
  readonly client: HttpClient;
  readonly rates: Rates | undefined;
  readonly tokens: TokenSource;
  readonly answerMs: number;
  /** The workspace that all is asked for; absent: the default one. */
  readonly workspace?: string;
}

const DATABRICKS_HEADER = "x-databricks-org-id";
/** Of MLflow's own servers, where these have workspaces. */
export const WORKSPACE_HEADER = "x-mlflow-workspace";

type Method = "GET" | "POST";

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body?: Buffer | undefined;
  readonly answerBytesMax?: number | undefined;
}

/** A server, asked with one set of credentials. Its calls throw a ServerFault where there is no token to be had. */
export class Session {
  readonly #parts: SessionParts;
  #workspaceId: string;
  #redactor: { readonly authorization: string | undefined; readonly redactor: Redactor } | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#workspaceId = parts.access.workspaceId;
  }

  /** The same, for what is in a workspace of the server's. */
  within(workspace: string | undefined): Session {
    return workspace === undefined ? this : new Session({ ...this.#parts, workspace });
  }

  /** The workspace that all is asked for; empty: the default one. */
  get workspace(): string {
    return this.#parts.workspace ?? "";
  }

  /** The server's address, with no credentials in it. */
  get baseUrl(): string {
    return this.#parts.access.baseUrl;
  }

  /** Databricks' number of the workspace, given or as its answers tell it; empty: not known. */
  get workspaceId(): string {
    return this.#workspaceId;
  }

  /** What kind of credentials it is asked with. */
  get credentials(): Access["credentials"]["kind"] {
    return this.#parts.access.credentials.kind;
  }

  /** Asks for an endpoint of MLflow's API; the query's values are escaped. An endpoint with large answers says how large. */
  async get(
    endpoint: string,
    query: Readonly<Record<string, string>>,
    answerBytesMax?: number,
  ): Promise<Verdict> {
    const path = `${endpoint}?${new URLSearchParams(query)}`;
    return await this.#call({ method: "GET", path, answerBytesMax }, "other");
  }

  /** Posts to an endpoint of MLflow's API. */
  async post(endpoint: string, payload: Buffer | JsonObject, rate: keyof Rates = "other"): Promise<Verdict> {
    const body = Buffer.isBuffer(payload) ? payload : Buffer.from(JSON.stringify(payload));
    return await this.#call({ method: "POST", path: endpoint, body }, rate);
  }

  /** The same by any method. */
  async call(method: string, endpoint: string, body: Buffer | undefined): Promise<Verdict> {
    return await this.#call({ method, path: endpoint, body }, "other");
  }

  /** Asks for a path below the server's address and answers what came. */
  async ask(method: Method, path: string, body?: Buffer): Promise<Answer> {
    return await this.#ask({ method, path, body });
  }

  /**
   * Passes a request on as it is, with our credentials in place of the sender's. Answers once the head of the answer
   * is here. Rejects with the socket's error.
   */
  async flow({ path, headers, ...request }: FlowRequest): Promise<IncomingMessage> {
    const { access, client, tokens } = this.#parts;
    const authorization = await this.#authorization();
    const ours = {
      ...(access.workspaceId === "" ? {} : { [DATABRICKS_HEADER]: access.workspaceId }),
      ...(authorization === undefined ? {} : { authorization }),
    };
    const answer = await client.flow({
      ...request,
      path: this.#pathOf(path),
      headers: { ...headers, ...ours },
    });
    // Its body is gone by now: the next request has a new token.
    if (answer.statusCode === 401 && access.credentials.kind === "oauth") tokens.forget();
    return answer;
  }

  /** A text of the server's without the credentials that it was asked with. */
  async redacted(text: string): Promise<string> {
    const answer = { kind: "answered", status: 400, headers: {}, body: text } as const;
    const said = this.#redactorWith(await this.#authorization()).answer(answer);
    return said.kind === "answered" ? said.body : text;
  }

  async #ask({ method, path, body, answerBytesMax }: Asked): Promise<Answer> {
    const { access, client, answerMs } = this.#parts;
    const authorization = await this.#authorization();
    const headers = {
      "user-agent": `stepwell/${VERSION}`,
      accept: "application/json",
      ...(access.workspaceId === "" ? {} : { [DATABRICKS_HEADER]: access.workspaceId }),
      ...(this.workspace === "" ? {} : { [WORKSPACE_HEADER]: this.workspace }),
      ...(authorization === undefined ? {} : { authorization }),
      ...(body ? { "content-type": "application/json" } : {}),
    };
    const said = await client.ask({
      method,
      path: this.#pathOf(path),
      headers,
      ...(body ? { body } : {}),
      timeoutMs: answerMs,
      ...(answerBytesMax === undefined ? {} : { answerBytesMax }),
    });
    const answer = this.#redactorWith(authorization).answer(said);
    if (answer.kind === "answered") this.#workspaceId ||= answer.headers[DATABRICKS_HEADER] ?? "";
    return answer;
  }

  async #call(asked: Asked, rate: keyof Rates): Promise<Verdict> {
    const { access, rates, tokens } = this.#parts;
    await rates?.[rate].take();
    const ofApi = { ...asked, path: `/api/2.0/mlflow/${asked.path}` };
    const answer = await this.#ask(ofApi);
    const isOldToken =
      answer.kind === "answered" && answer.status === 401 && access.credentials.kind === "oauth";
    if (!isOldToken) return verdictOf(answer, this.baseUrl);
    tokens.forget();
    await rates?.[rate].take();
    return verdictOf(await this.#ask(ofApi), this.baseUrl);
  }

  async #authorization(): Promise<string | undefined> {
    const { access, client, tokens, answerMs } = this.#parts;
    const { credentials } = access;
    switch (credentials.kind) {
      case "none":
        return undefined;
      case "basic":
        return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64")}`;
      case "bearer":
        return `Bearer ${credentials.token}`;
      case "oauth": {
        const path = this.#pathOf(TOKEN_PATH);
        const token = await tokens.get(credentials, async (headers, body) => {
          const said = await client.ask({ method: "POST", path, headers, body, timeoutMs: answerMs });
          return this.#redactorWith(undefined).answer(said);
        });
        return `Bearer ${token}`;
      }
    }
  }

  /** Takes out what this session is asked with, and what it sends. */
  #redactorWith(authorization: string | undefined): Redactor {
    if (this.#redactor?.authorization !== authorization || !this.#redactor) {
      const sent = authorization === undefined ? [] : [authorization.replace(/^\S+ /, "")];
      const secrets = [...secretsOf(this.#parts.access.credentials), ...sent];
      this.#redactor = { authorization, redactor: new Redactor(secrets) };
    }
    return this.#redactor.redactor;
  }

  #pathOf(path: string): string {
    const { pathname } = new URL(this.baseUrl);
    return `${pathname === "/" ? "" : pathname}${path}`;
  }
}
