/**
 * Tokens that an issuer of OpenID Connect signed (JWTs), held against its keys.
 *
 * Its keys are fetched when the first token comes, again after a while, and when a token names one that is not among
 * them; no more often than twice a minute, whatever tokens come. While the issuer is away the keys that it had last
 * stay good for a day. Signatures that need a secret on this side, or that are none, are never taken.
 */
import { createLocalJWKSet, decodeJwt, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from "jose";
import { StepwellError } from "../../errors/stepwell-error.js";
import { HttpClient } from "../../mlflow/http.js";
import type { Clock } from "../../model/clock.js";
import { isLoopback } from "../../model/loopback.js";
import type { IssuerSettings } from "./settings.js";

const ALGORITHMS = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];
/** A token that is longer is not looked at. */
export const TOKEN_CHARACTERS_MAX = 8_192;
/** After so long keys are fetched again; so long they are good while the issuer is away; so far apart are two tries. */
const KEYS_MS = 600_000;
const KEYS_STALE_MS = 86_400_000;
const FETCH_APART_MS = 30_000;
const FETCH_MS_MAX = 5_000;
const ANSWER_BYTES_MAX = 256 * 1024;
const KEYS_MAX = 100;

export interface VerifiedToken {
  readonly issuer: string;
  readonly subject: string;
  readonly claims: JWTPayload;
  /** When it ends, of the wall clock, with the clocks' difference that is allowed. */
  readonly endsMs: number;
}

interface Keys {
  readonly find: ReturnType<typeof createLocalJWKSet>;
  readonly atMs: number;
}

/** The issuer that a token names, before anything of it is believed; undefined for what is no JWT. */
export function issuerNamedBy(token: string): string | undefined {
  if (token.length > TOKEN_CHARACTERS_MAX || token.split(".").length !== 3) return undefined;
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

export class Issuer {
  readonly settings: IssuerSettings;
  readonly #clock: Clock;
  #keys: Keys | undefined;
  #triedMs = Number.NEGATIVE_INFINITY;
  #fetching: Promise<void> | undefined;
  /** Why the last try to fetch failed. */
  #fault: StepwellError | undefined;

  constructor(settings: IssuerSettings, clock: Clock) {
    this.settings = settings;
    this.#clock = clock;
  }

  /** Throws STEPWELL_NOT_AUTHENTICATED for a token that is not good, STEPWELL_SERVER_UNREACHABLE where no key is there to tell. */
  async verify(token: string): Promise<VerifiedToken> {
    await this.#ensureKeys();
    try {
      return await this.#verify(token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !this.#mayFetch()) throw this.#refusal(error);
    }
    // The issuer may have a new key.
    await this.#fetch();
    try {
      return await this.#verify(token);
    } catch (error) {
      throw this.#refusal(error);
    }
  }

  async #verify(token: string): Promise<VerifiedToken> {
    const { issuer, audiences, skewMs } = this.settings;
    if (!this.#keys) throw this.#fault ?? this.#unreachable("no keys");
    const { payload } = await jwtVerify(token, this.#keys.find, {
      ...{ issuer, audience: [...audiences], algorithms: ALGORITHMS, clockTolerance: skewMs / 1_000 },
      requiredClaims: ["exp", "sub"],
      currentDate: new Date(this.#clock.nowMs()),
    });
    const { sub: subject = "", exp = 0 } = payload;
    if (subject === "") throw this.#refused("it names no subject");
    return { issuer, subject, claims: payload, endsMs: exp * 1_000 + skewMs };
  }

  async #ensureKeys(): Promise<void> {
    const ageMs = this.#clock.monotonicMs() - (this.#keys?.atMs ?? Number.NEGATIVE_INFINITY);
    if (ageMs > KEYS_STALE_MS) this.#keys = undefined;
    if (ageMs <= KEYS_MS || !this.#mayFetch()) return;
    const fetching = this.#fetch();
    // Keys that are there are good enough meanwhile.
    if (!this.#keys) await fetching;
  }

  #mayFetch(): boolean {
    return this.#fetching !== undefined || this.#clock.monotonicMs() - this.#triedMs >= FETCH_APART_MS;
  }

  /** Never rejects. */
  async #fetch(): Promise<void> {
    this.#fetching ??= this.#fetchKeys()
      .then(
        (keys) => {
          this.#keys = { find: createLocalJWKSet(keys), atMs: this.#clock.monotonicMs() };
          this.#fault = undefined;
        },
        (error: unknown) => {
          this.#fault = error instanceof StepwellError ? error : this.#unreachable("keys that can't be used");
        },
      )
      .finally(() => {
        this.#fetching = undefined;
      });
    await this.#fetching;
  }

  async #fetchKeys(): Promise<JSONWebKeySet> {
    this.#triedMs = this.#clock.monotonicMs();
    const { issuer, keysUrl } = this.settings;
    const found = await this.#get(keysUrl ?? (await this.#keysUrlOf(issuer)));
    const { keys } = found;
    if (!Array.isArray(keys) || keys.length === 0 || keys.length > KEYS_MAX)
      throw this.#unreachable("no list of keys");
    return found as unknown as JSONWebKeySet;
  }

  async #keysUrlOf(issuer: string): Promise<string> {
    const found = await this.#get(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
    if (found["issuer"] !== issuer) throw this.#unreachable("the configuration of another issuer");
    const { jwks_uri: url } = found;
    const isSafe =
      typeof url === "string" &&
      URL.canParse(url) &&
      (url.startsWith("https:") || isLoopback(new URL(url).hostname));
    if (!isSafe) throw this.#unreachable("no https:// address of its keys");
    return url;
  }

  async #get(address: string): Promise<Record<string, unknown>> {
    const url = new URL(address);
    const { caPath } = this.settings;
    const tls = { serverCertPath: caPath, clientCertPath: "", takesAny: false };
    const client = new HttpClient(url, tls, this.#clock);
    try {
      const answer = await client.ask({
        ...{ method: "GET", path: url.pathname + url.search, headers: { accept: "application/json" } },
        ...{ timeoutMs: FETCH_MS_MAX, answerBytesMax: ANSWER_BYTES_MAX },
      });
      if (answer.kind === "failed") throw this.#unreachable(answer.message);
      if (answer.status !== 200 || answer.isCut) throw this.#unreachable(`HTTP ${answer.status}`);
      const body: unknown = JSON.parse(answer.body);
      if (typeof body === "object" && body !== null && !Array.isArray(body)) return { ...body };
      throw this.#unreachable("something else than JSON");
    } catch (error) {
      throw error instanceof StepwellError ? error : this.#unreachable("something else than JSON");
    } finally {
      client.destroy();
    }
  }

  #unreachable(what: string): StepwellError {
    const sentence = `The relay can't fetch the keys of ${this.settings.issuer}: ${what}.`;
    return new StepwellError("STEPWELL_SERVER_UNREACHABLE", sentence);
  }

  /** What is wrong with a token, in words that hold nothing of it. */
  #refusal(error: unknown): StepwellError {
    if (error instanceof StepwellError) return error;
    const why = error instanceof errors.JOSEError ? WHY[error.code] : undefined;
    const claim =
      error instanceof errors.JWTClaimValidationFailed && /^[\w.-]{1,40}$/.test(error.claim)
        ? `its claim ${error.claim} does not fit`
        : undefined;
    return this.#refused(claim ?? why ?? "it can't be read");
  }

  #refused(why: string): StepwellError {
    const sentence = `The token of ${this.settings.issuer} is not good: ${why}.`;
    return new StepwellError("STEPWELL_NOT_AUTHENTICATED", sentence);
  }
}

const WHY: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: "it has expired",
  ERR_JWKS_NO_MATCHING_KEY: "its key is none of the issuer's",
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: "it does not say which of the issuer's keys signed it",
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "its signature is wrong",
  ERR_JOSE_ALG_NOT_ALLOWED: "it is signed in a way that is not taken",
};
