/** The file of settings that says who may use a relay, and for what (docs/guide/relay-access.md). */
import { StepwellError } from "../../errors/stepwell-error.js";
import { readPlainSync } from "../../home/plain-file.js";
import { isLoopback } from "../../model/loopback.js";
import { DEFAULT_WORKSPACE } from "../../model/rights.js";
import { isLike } from "../../model/star-pattern.js";
import { Place } from "./settings-text.js";

const VERSION = 1;
const TENANTS_MAX = 1_000;
const ISSUERS_MAX = 20;
/** Entries of one list. */
const LIST_MAX = 1_000;
const NAME = /^[\w.-]{1,64}$/;
const NAME_CHARACTERS_MAX = 500;
const URL_CHARACTERS_MAX = 2_000;
/** Above that no limit means anything; and a number holds it exactly, with its fractions. */
const RATE_MAX = 1e12;
const SKEW_SECONDS = 60;
const SKEW_SECONDS_MAX = 300;

/** Who signs tokens that are taken. */
export interface IssuerSettings {
  /** As it stands in tokens. */
  readonly issuer: string;
  /** One of them has to be in a token. */
  readonly audiences: readonly string[];
  /** Where its keys are; undefined: where its own configuration says. */
  readonly keysUrl: string | undefined;
  /** Certificates of authorities to trust in place of the system's; empty: the system's. */
  readonly caPath: string;
  readonly skewMs: number;
}

/** Whom a rule lets in. Patterns have stars. */
export type IdentityRule =
  | { readonly kind: "token"; readonly name: string }
  | { readonly kind: "certificate"; readonly name: string }
  | {
      readonly kind: "issuer";
      readonly issuer: string;
      readonly subject: string;
      /** All of them have to be there; of a list one of its entries. */
      readonly claims: readonly (readonly [name: string, pattern: string])[];
    };

export interface Tenant {
  readonly name: string;
  readonly rules: readonly IdentityRule[];
  /** Names and patterns. */
  readonly experiments: readonly string[];
  readonly workspaces: readonly string[];
  /** Over all relays of a database; undefined: no limit. */
  readonly pointsPerSecond: number | undefined;
  readonly bytesPerSecond: number | undefined;
}

export interface AccessSettings {
  readonly issuers: readonly IssuerSettings[];
  readonly tenants: readonly Tenant[];
}

/** What a relay can be shown, beside tokens of issuers. */
export interface Means {
  readonly hasTokens: boolean;
  readonly hasCertificates: boolean;
}

/** Throws STEPWELL_CONFIG_INVALID with the line for a file that can't be read, or does not say what it means. */
export function readAccessSettings(path: string, means: Means): AccessSettings {
  let text: string;
  try {
    text = readPlainSync(path);
  } catch (cause) {
    throw invalid(`The file of settings ${path} can't be read.`, cause);
  }
  const file = Place.read(text, (line, what) => invalid(`${path}, line ${line}: ${what}.`));
  const top = file.mapping(["version", "issuers", "tenants"]);
  const version = top.get("version");
  if (version?.number(0, 1_000) !== VERSION)
    throw (version ?? file).wrong(`is of another version: this one reads "version: ${VERSION}"`);
  const issuers = (top.get("issuers")?.list(ISSUERS_MAX) ?? []).map(issuerOf);
  const tenants = top.get("tenants")?.mapping(undefined);
  if (!tenants || tenants.size === 0) throw file.wrong("lets nobody in: it has no tenants");
  if (tenants.size > TENANTS_MAX) throw file.wrong(`has more than ${TENANTS_MAX} tenants`);
  return {
    issuers,
    tenants: [...tenants].map(([name, place]) => tenantOf(name, place, { ...means, issuers })),
  };
}

/** Whether the tenant's runs may be in the experiment. */
export function mayWrite(
  { experiments, workspaces }: Pick<Tenant, "experiments" | "workspaces">,
  experimentName: string,
  workspace: string,
): boolean {
  const fits = (pattern: string) => isLike(experimentName, pattern);
  return experiments.some(fits) && workspaces.some((pattern) => isLike(workspace, pattern));
}

function issuerOf(place: Place): IssuerSettings {
  const known = ["issuer", "audience", "keys_url", "ca_file", "clock_skew_seconds"];
  const map = place.mapping(known);
  const issuer = map.get("issuer");
  const audience = map.get("audience");
  if (!issuer) throw place.wrong("names no issuer");
  // Without it a token that was made for something else would open the relay.
  if (!audience) throw place.wrong("names no audience, the relay's own name in tokens");
  const keysUrl = map.get("keys_url");
  return {
    issuer: urlOf(issuer),
    audiences: audience.list(LIST_MAX).map((each) => each.text(NAME_CHARACTERS_MAX)),
    keysUrl: keysUrl && urlOf(keysUrl),
    caPath: map.get("ca_file")?.text(URL_CHARACTERS_MAX) ?? "",
    skewMs: 1_000 * (map.get("clock_skew_seconds")?.number(0, SKEW_SECONDS_MAX) ?? SKEW_SECONDS),
  };
}

/** Whoever can change what keys are fetched can let anybody in. */
function urlOf(place: Place): string {
  const text = place.text(URL_CHARACTERS_MAX);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname));
  if (!url || !isSafe || url.username !== "" || url.password !== "" || url.hash !== "")
    throw place.wrong("is no https:// address without credentials in it");
  return text;
}

interface TenantContext extends Means {
  readonly issuers: readonly IssuerSettings[];
}

function tenantOf(name: string, place: Place, context: TenantContext): Tenant {
  if (!NAME.test(name)) throw place.wrong("is no name of a tenant: 1 to 64 letters, digits, _ . or -");
  const known = ["identities", "experiments", "workspaces", "points_per_second", "bytes_per_second"];
  const map = place.mapping(known);
  const identities = map.get("identities");
  const experiments = map.get("experiments");
  if (!identities) throw place.wrong("has no identities, so it is nobody");
  if (!experiments) throw place.wrong('has no experiments; "*" stands for all');
  const texts = (list: Place) => list.list(LIST_MAX).map((each) => each.text(NAME_CHARACTERS_MAX));
  const workspaces = map.get("workspaces");
  return {
    name,
    rules: identities.list(LIST_MAX).map((each) => ruleOf(each, context)),
    experiments: texts(experiments),
    workspaces: workspaces ? texts(workspaces) : [DEFAULT_WORKSPACE],
    pointsPerSecond: map.get("points_per_second")?.number(1, RATE_MAX),
    bytesPerSecond: map.get("bytes_per_second")?.number(1, RATE_MAX),
  };
}

function ruleOf(place: Place, context: TenantContext): IdentityRule {
  const map = place.mapping(["token", "certificate", "issuer", "subject", "claims"]);
  const kinds = ["token", "certificate", "issuer"].filter((kind) => map.has(kind));
  if (kinds.length !== 1) throw place.wrong("is one of: token, certificate, issuer with subject");
  const issuer = map.get("issuer");
  if (!issuer && map.size > 1)
    throw place.wrong("has a subject or claims, which only tokens of issuers have");
  if (issuer) return issuerRule(place, map, context.issuers);
  const token = map.get("token");
  if (token && !context.hasTokens)
    throw token.wrong("names a token, and the relay has no file of tokens: give --token-file");
  if (token) return { kind: "token", name: token.text(NAME_CHARACTERS_MAX) };
  const certificate = map.get("certificate") ?? place;
  if (!context.hasCertificates)
    throw certificate.wrong("names a certificate, and the relay asks for none: give --client-ca");
  return { kind: "certificate", name: certificateName(certificate) };
}

function certificateName(place: Place): string {
  const text = place.text(NAME_CHARACTERS_MAX);
  const [, kind = "", name = ""] = /^(DNS|URI|IP|email):(.+)$/.exec(text) ?? [];
  if (kind === "") throw place.wrong("does not begin with DNS:, URI:, IP: or email:");
  return kind === "DNS" ? `DNS:${name.toLowerCase()}` : text;
}

function issuerRule(
  place: Place,
  map: ReadonlyMap<string, Place>,
  issuers: readonly IssuerSettings[],
): IdentityRule {
  const named = map.get("issuer") ?? place;
  const issuer = named.text(URL_CHARACTERS_MAX);
  if (!issuers.some((each) => each.issuer === issuer))
    throw named.wrong('is none of the file\'s "issuers", letter by letter');
  const subject = map.get("subject");
  if (!subject) throw place.wrong('has no subject; "*" stands for all');
  const claims = [...(map.get("claims")?.mapping(undefined) ?? [])];
  return {
    ...{ kind: "issuer", issuer, subject: subject.text(NAME_CHARACTERS_MAX) },
    claims: claims.map(([name, pattern]) => [name, pattern.text(NAME_CHARACTERS_MAX)] as const),
  };
}

function invalid(sentence: string, cause?: unknown): StepwellError {
  const remedy =
    "Mend the file, or put the earlier one back: a relay that runs goes on with what it read last.";
  return new StepwellError("STEPWELL_CONFIG_INVALID", sentence, { remedy, cause });
}
