/** A tracker's settings, with its secrets in place, as what a server is asked with. A pure function. */
import { StepwellError } from "../errors/stepwell-error.js";
import { isHeaderToken } from "../model/names.js";
import type { ServerBackend } from "../model/target.js";
import type { TlsSettings } from "./certificates.js";
import type { Credentials } from "./credentials.js";
import { type Profile, profileOf } from "./databricks-profile.js";

/** Where a server is and how it is asked. */
export interface Access {
  /** With the prefix of the address; no slash at its end. */
  readonly baseUrl: string;
  readonly credentials: Credentials;
  readonly tls: TlsSettings;
  /** Databricks' number of the workspace, where an address serves several; empty: not known. */
  readonly workspaceId: string;
}

type Settings = Readonly<Record<string, string>>;

const YES = /^(1|true|yes|on)$/i;

/** Throws STEPWELL_CONFIG_INVALID or STEPWELL_NOT_AUTHENTICATED; no error shows a value. `profileFile` is the text of Databricks' profiles. */
export function accessOf(backend: ServerBackend, settings: Settings, profileFile: () => string): Access {
  const tls: TlsSettings = {
    serverCertPath: settings["tracking_server_cert_path"] ?? "",
    clientCertPath: settings["tracking_client_cert_path"] ?? "",
    takesAny: YES.test(settings["tracking_insecure_tls"] ?? ""),
  };
  const { address, credentials, workspaceId } = ENDPOINTS[backend.kind](backend.uri, settings, profileFile);
  return { baseUrl: addressOf(address), credentials: sendable(credentials), tls, workspaceId };
}

interface Endpoint {
  readonly address: string;
  readonly credentials: Credentials;
  readonly workspaceId: string;
}

const ENDPOINTS: Readonly<
  Record<ServerBackend["kind"], (uri: string, settings: Settings, profileFile: () => string) => Endpoint>
> = {
  rest: (uri, settings) => ({ address: uri, credentials: ofTracker(settings), workspaceId: "" }),
  databricks: endpointOfWorkspace,
};

function endpointOfWorkspace(uri: string, settings: Settings, profileFile: () => string): Endpoint {
  const name = /^databricks:\/\/([^/]+)/i.exec(uri)?.[1];
  const profile = name === undefined ? {} : profileOf(profileFile(), name);
  const host = settings["databricks_host"] ?? profile.host;
  if (host === undefined) throw invalid("The tracker needs databricks_host, or a profile with a host.");
  const { workspaceId = "" } = profile;
  return { address: host, credentials: ofDatabricks(settings, profile), workspaceId };
}

function ofTracker(settings: Settings): Credentials {
  const { tracking_username: username, tracking_password: password, tracking_token: token } = settings;
  // MLflow's own order: a user before a token.
  if (username !== undefined && password !== undefined) return { kind: "basic", username, password };
  return token === undefined ? { kind: "none" } : { kind: "bearer", token };
}

function ofDatabricks(settings: Settings, profile: Profile): Credentials {
  const { databricks_client_id: clientId, databricks_client_secret: clientSecret } = settings;
  if (clientId !== undefined && clientSecret !== undefined) return { kind: "oauth", clientId, clientSecret };
  const own = ofTracker(settings);
  return own.kind === "none" ? (profile.credentials ?? own) : own;
}

/** A secret's value may be anything; a token goes in a header as it is. */
function sendable(credentials: Credentials): Credentials {
  if (credentials.kind !== "bearer" || isHeaderToken(credentials.token)) return credentials;
  const sentence = "The token holds a line's end, a space or another character that no HTTP header carries.";
  throw new StepwellError("STEPWELL_NOT_AUTHENTICATED", sentence);
}

function addressOf(text: string): string {
  const withScheme = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(withScheme)) throw invalid("The tracker's address is no URL.");
  const url = new URL(withScheme);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

function invalid(sentence: string): StepwellError {
  return new StepwellError("STEPWELL_CONFIG_INVALID", sentence);
}
