/**
 * Who may write through a relay, and what: by what a call shows (a bearer token, a certificate, a token of an issuer)
 * to an identity, to a tenant, to the experiments that it may write.
 *
 *   no file of settings   whoever shows a token of the file, or a certificate where TLS asks for one, may write all
 *   a file of settings    whoever a rule of a tenant names; nobody else
 *
 * Files are read again when they change. One that does not mean anything changes nothing: that is logged.
 */
import { StepwellError } from "../../errors/stepwell-error.js";
import type { Clock } from "../../model/clock.js";
import type { Log } from "../../model/log.js";
import type { Rights } from "../../model/rights.js";
import { isLike } from "../../model/star-pattern.js";
import { type Caller, EVERYBODY, type Proof, type Shown } from "./callers.js";
import { Issuer, issuerNamedBy, TOKEN_CHARACTERS_MAX } from "./issuer.js";
import { type AccessSettings, mayWrite, readAccessSettings, type Tenant } from "./settings.js";
import { digestOf, readTokens, type Tokens } from "./tokens.js";
import { WatchedFiles } from "./watched-files.js";

export interface AccessOptions {
  readonly tokenFile: string | undefined;
  readonly settingsFile: string | undefined;
  /** Whether TLS asks callers for certificates. */
  readonly hasCertificates: boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** What the files say now. */
interface Read {
  readonly tokens: Tokens | undefined;
  readonly settings: AccessSettings | undefined;
  readonly issuers: ReadonlyMap<string, Issuer>;
}

export class Access {
  readonly #options: AccessOptions;
  readonly #files: WatchedFiles;
  readonly #listeners: (() => void)[] = [];
  #read: Read;

  /** Throws STEPWELL_CONFIG_INVALID for a file that can't be used. */
  constructor(options: AccessOptions) {
    this.#options = options;
    const { tokenFile, settingsFile, log } = options;
    const paths = [tokenFile, settingsFile].filter((path) => path !== undefined);
    this.#files = new WatchedFiles({ paths, what: "who may use the relay", log, read: () => this.#renew() });
    this.#read = readAll(options, undefined);
  }

  /** Tenants as they are now; none without a file of settings. */
  get tenants(): readonly Tenant[] {
    return this.#read.settings?.tenants ?? [];
  }

  /** Called when the files say something else. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Looks at the files now and then from here on. */
  watch(): void {
    this.#files.watch();
  }

  /** Looks at the files now. */
  look(): void {
    this.#files.look(true);
  }

  close(): void {
    this.#files.close();
  }

  /** Throws STEPWELL_NOT_AUTHENTICATED, STEPWELL_NOT_PERMITTED, or what keeps it from being found out. */
  async admit(shown: Shown): Promise<Caller> {
    this.#files.look(false);
    return this.callerOf(await this.#prove(shown));
  }

  /** What a proof opens now. Throws STEPWELL_NOT_AUTHENTICATED or STEPWELL_NOT_PERMITTED where it opens nothing. */
  callerOf(proof: Proof): Caller {
    const { tokens, settings } = this.#read;
    const name = proof.kind === "token" ? tokens?.find(proof.digest)?.name : undefined;
    if (proof.kind === "token" && name === undefined)
      throw unauthenticated("The relay does not know the token.");
    if (proof.kind === "issuer" && proof.endsMs <= this.#options.clock.nowMs())
      throw unauthenticated(`The token of ${proof.issuer} is not good: it has expired.`);
    if (!settings) {
      const identity = identityOf(proof, name ?? "", undefined);
      return {
        proof,
        tenant: EVERYBODY,
        rights: identity === undefined ? undefined : rightsOf(EVERYBODY, identity),
      };
    }
    for (const tenant of settings.tenants)
      for (const rule of tenant.rules) {
        const identity = identityOf(proof, name ?? "", rule);
        if (identity !== undefined) return { proof, tenant, rights: rightsOf(tenant, identity) };
      }
    const sentence = `What was shown (${shownAs(proof)}) is good, and no tenant of the relay has it.`;
    throw new StepwellError("STEPWELL_NOT_PERMITTED", sentence);
  }

  async #prove({ authorization, certificate }: Shown): Promise<Proof> {
    const { tokens, issuers, settings } = this.#read;
    const asksForToken = tokens !== undefined || issuers.size > 0;
    if (authorization !== undefined && asksForToken) {
      const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
      if (token === undefined || token.length > TOKEN_CHARACTERS_MAX)
        throw unauthenticated(
          `The relay takes a bearer token of at most ${TOKEN_CHARACTERS_MAX} characters.`,
        );
      return await proofOf(token, tokens, issuers);
    }
    if (certificate && (settings || !asksForToken)) return { kind: "certificate", names: certificate };
    if (!asksForToken && !settings) return { kind: "nothing" };
    const what = asksForToken ? "a bearer token" : "a certificate";
    const other = asksForToken && settings && this.#options.hasCertificates ? ", or a certificate" : "";
    throw unauthenticated(`The relay takes ${what}${other}, and got none.`);
  }

  #renew(): void {
    this.#read = readAll(this.#options, this.#read);
    for (const listener of this.#listeners) listener();
  }
}

async function proofOf(
  token: string,
  tokens: Tokens | undefined,
  issuers: ReadonlyMap<string, Issuer>,
): Promise<Proof> {
  const digest = digestOf(token);
  if (tokens?.find(digest)) return { kind: "token", digest };
  const named = issuers.size > 0 ? issuerNamedBy(token) : undefined;
  const issuer = named === undefined ? undefined : issuers.get(named);
  if (!issuer) throw unauthenticated("The relay does not know the token.");
  const { issuer: name, subject, claims, endsMs } = await issuer.verify(token);
  return { kind: "issuer", issuer: name, subject, claims, endsMs };
}

function readAll(
  { tokenFile, settingsFile, hasCertificates, clock }: AccessOptions,
  before: Read | undefined,
): Read {
  const tokens = tokenFile === undefined ? undefined : readTokens(tokenFile);
  if (settingsFile === undefined) return { tokens, settings: undefined, issuers: new Map() };
  const settings = readAccessSettings(settingsFile, { hasTokens: tokens !== undefined, hasCertificates });
  const nameless = tokens?.all.find(({ name }) => name === "");
  if (nameless) {
    const sentence = `Line ${nameless.line} of the file of tokens ${tokenFile} has no name before its token, so no tenant can have it.`;
    throw new StepwellError("STEPWELL_CONFIG_INVALID", sentence);
  }
  const issuers = new Map(
    settings.issuers.map((each) => {
      const known = before?.issuers.get(each.issuer);
      const isSame = JSON.stringify(known?.settings) === JSON.stringify(each);
      // Its keys stay.
      return [each.issuer, known && isSame ? known : new Issuer(each, clock)];
    }),
  );
  return { tokens, settings, issuers };
}

/** Who it is; undefined where the rule names somebody else, or nothing tells two of them apart. */
function identityOf(
  proof: Proof,
  tokenName: string,
  rule: Tenant["rules"][number] | undefined,
): string | undefined {
  switch (proof.kind) {
    case "nothing":
      return undefined;
    case "token": {
      const fits = rule === undefined || (rule.kind === "token" && isLike(tokenName, rule.name));
      return fits && tokenName !== "" ? `token:${tokenName}` : undefined;
    }
    case "certificate": {
      if (rule !== undefined && rule.kind !== "certificate") return undefined;
      const name = proof.names.find((each) => rule === undefined || isLike(each, rule.name));
      return name === undefined ? undefined : `certificate:${name}`;
    }
    case "issuer": {
      if (rule?.kind !== "issuer" || rule.issuer !== proof.issuer || !isLike(proof.subject, rule.subject))
        return undefined;
      const fits = rule.claims.every(([name, pattern]) => hasClaim(proof.claims[name], pattern));
      return fits ? `issuer:${proof.issuer} ${proof.subject}` : undefined;
    }
  }
}

function hasClaim(value: unknown, pattern: string): boolean {
  const all: unknown[] = Array.isArray(value) ? value : [value];
  return all.some(
    (each) => ["string", "number", "boolean"].includes(typeof each) && isLike(String(each), pattern),
  );
}

function rightsOf(tenant: Tenant, identity: string): Rights {
  return {
    ...{ identity, tenant: tenant.name },
    isBounded: !tenant.experiments.includes("*") || !tenant.workspaces.includes("*"),
    mayWrite: (experimentName, workspace) => mayWrite(tenant, experimentName, workspace),
  };
}

function shownAs(proof: Proof): string {
  switch (proof.kind) {
    case "nothing":
      return "nothing";
    case "token":
      return "a token";
    case "certificate":
      return proof.names.length === 0 ? "a certificate without names" : `a certificate of ${proof.names[0]}`;
    case "issuer":
      return `a token of ${proof.issuer}`;
  }
}

function unauthenticated(sentence: string): StepwellError {
  return new StepwellError("STEPWELL_NOT_AUTHENTICATED", sentence);
}
