/** Databricks' OAuth for service principals: a token from the workspace, renewed before it ends. */
import type { Clock } from "../model/clock.js";
import { TOKEN_MARGIN_MS } from "../model/limits.js";
import { ServerFault } from "./server-fault.js";
import { type Answer, verdictOf } from "./verdict.js";

/** The path of the token endpoint, from the workspace's root. */
export const TOKEN_PATH = "/oidc/v1/token";

/** Posts to the token endpoint. */
export type AskForToken = (headers: Readonly<Record<string, string>>, body: Buffer) => Promise<Answer>;

/** Who asks. */
export interface Principal {
  readonly clientId: string;
  readonly clientSecret: string;
}

interface Token extends Principal {
  readonly text: string;
  /** Of the monotonic clock. */
  readonly renewAtMs: number;
}

/** Keeps one token; asks for a new one when that is old, was refused, or is another principal's. */
export class TokenSource {
  readonly #clock: Clock;
  #token: Token | undefined;
  #asking: Promise<Token> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A token that is good for a while. Throws a ServerFault that says what stands in the way. */
  async get(principal: Principal, ask: AskForToken): Promise<string> {
    const kept = this.#token;
    const fits = kept?.clientId === principal.clientId && kept.clientSecret === principal.clientSecret;
    if (fits && kept.renewAtMs > this.#clock.monotonicMs()) return kept.text;
    // Requests that come together ask once.
    this.#asking ??= this.#renew(principal, ask).finally(() => {
      this.#asking = undefined;
    });
    return (await this.#asking).text;
  }

  /** The server did not take the token. */
  forget(): void {
    this.#token = undefined;
  }

  async #renew(principal: Principal, ask: AskForToken): Promise<Token> {
    const basic = Buffer.from(`${principal.clientId}:${principal.clientSecret}`).toString("base64");
    const headers = { authorization: `Basic ${basic}`, "content-type": "application/x-www-form-urlencoded" };
    const answer = await ask(headers, Buffer.from("grant_type=client_credentials&scope=all-apis"));
    const { text, livesMs } = readToken(answer);
    const renewAtMs = this.#clock.monotonicMs() + livesMs - Math.min(TOKEN_MARGIN_MS, livesMs / 5);
    this.#token = { ...principal, text, renewAtMs };
    return this.#token;
  }
}

function readToken(answer: Answer): { readonly text: string; readonly livesMs: number } {
  const server = "The workspace's token endpoint";
  // Its own errors: either means that the principal is not let in.
  if (answer.kind === "answered" && (answer.status === 400 || answer.status === 401)) {
    const reason = `${server} answered ${answer.status}: the client's id or secret is wrong.`;
    throw new ServerFault({ kind: "hold", scope: "backend", code: "STEPWELL_NOT_AUTHENTICATED", reason });
  }
  const verdict = verdictOf(answer, server);
  if (verdict.kind !== "ok") throw new ServerFault(verdict);
  const { access_token: text, expires_in: seconds } = verdict.body;
  if (typeof text === "string" && text !== "")
    return { text, livesMs: typeof seconds === "number" && seconds > 0 ? seconds * 1000 : 0 };
  const reason = `${server} answered without a token.`;
  throw new ServerFault({ kind: "hold", scope: "backend", code: "STEPWELL_SERVER_NOT_UNDERSTOOD", reason });
}
