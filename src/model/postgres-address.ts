/**
 * Where a PostgreSQL database is, out of a URI as libpq and SQLAlchemy take it:
 * postgresql://USER@HOST:PORT,HOST:PORT/DATABASE?sslmode=...
 */
import { isIPv4 } from "node:net";
import { isAbsolute } from "node:path";

/** One host of a database. */
export interface PostgresHost {
  /** A name, an address, or the absolute path of the folder with the server's socket. */
  readonly host: string;
  readonly port: number;
}

/** How the server's certificate is checked, in libpq's words. */
export type SslMode = "disable" | "require" | "verify-ca" | "verify-full";

export interface PostgresAddress {
  /** Tried in order: the one that can be written to is meant. */
  readonly hosts: readonly PostgresHost[];
  readonly database: string;
  /** Empty: none is named. */
  readonly user: string;
  /** Empty: none; where a URI comes from a file or a command line of the operator's own. */
  readonly password: string;
  readonly sslMode: SslMode;
  /** Absolute paths of PEM files; empty: none. */
  readonly rootCertPath: string;
  readonly clientCertPath: string;
  readonly clientKeyPath: string;
  /** The same address as MLflow takes it, without a password. */
  readonly uri: string;
}

/** What is wrong with a URI, in a sentence that shows no value. */
export interface PostgresUriFault {
  readonly reason: string;
}

/** libpq's. */
const DEFAULT_PORT = 5432;
const SSL_MODES: readonly SslMode[] = ["disable", "require", "verify-ca", "verify-full"];
const PARAMETERS = ["sslmode", "sslrootcert", "sslcert", "sslkey", "host"] as const;
const FORM = "postgresql://USER@HOST:5432/DATABASE";

/** Reads a URI with the scheme postgresql or postgres, also with a driver as in postgresql+psycopg2. */
export function readPostgresUri(uri: string): PostgresAddress | PostgresUriFault {
  const [, authority, database, query = ""] =
    /^postgres(?:ql)?(?:\+[a-z0-9_]+)?:\/\/([^/?#]*)\/([^/?#]+)(?:\?([^#]*))?$/i.exec(uri) ?? [];
  if (authority === undefined || database === undefined)
    return { reason: `A PostgreSQL tracking_uri is ${FORM}, with the database's name.` };
  const parameters = readParameters(query);
  if (isFault(parameters)) return parameters;
  const [user = "", password = ""] = readUser(authority);
  const hosts = readHosts(authority.slice(authority.lastIndexOf("@") + 1), parameters.host ?? "");
  if (isFault(hosts)) return hosts;
  const sslMode = parameters.sslmode ?? (hosts.every(isHere) ? "disable" : "verify-full");
  const paths = [parameters.sslrootcert ?? "", parameters.sslcert ?? "", parameters.sslkey ?? ""] as const;
  if (paths.some((path) => path !== "" && !isAbsolute(path)))
    return { reason: "sslrootcert, sslcert and sslkey have to be absolute paths." };
  if (!isSslMode(sslMode)) return { reason: `sslmode has to be one of ${SSL_MODES.join(", ")}.` };
  const [rootCertPath, clientCertPath, clientKeyPath] = paths;
  return {
    ...{ hosts, database: decoded(database), user, password, sslMode },
    ...{ rootCertPath, clientCertPath, clientKeyPath },
    uri: `postgresql://${withoutPassword(authority)}/${database}${query === "" ? "" : `?${query}`}`,
  };
}

type Parameters = Partial<Record<(typeof PARAMETERS)[number], string>>;

function isFault(read: object): read is PostgresUriFault {
  return "reason" in read;
}

function readParameters(query: string): Parameters | PostgresUriFault {
  const found: Parameters = {};
  for (const part of query.split("&").filter((each) => each !== "")) {
    const [asked, value = ""] = part.split("=");
    const name = PARAMETERS.find((each) => each === asked);
    if (name === undefined)
      return { reason: `A PostgreSQL tracking_uri takes ${PARAMETERS.join(", ")} behind the "?".` };
    found[name] = decoded(value);
  }
  return found;
}

function readUser(authority: string): string[] {
  const at = authority.lastIndexOf("@");
  if (at < 0) return [];
  const colon = authority.slice(0, at).indexOf(":");
  if (colon < 0) return [decoded(authority.slice(0, at))];
  return [decoded(authority.slice(0, colon)), decoded(authority.slice(colon + 1, at))];
}

function withoutPassword(authority: string): string {
  const at = authority.lastIndexOf("@");
  return at < 0 ? authority : `${authority.slice(0, at).split(":")[0]}${authority.slice(at)}`;
}

function readHosts(text: string, parameter: string): readonly PostgresHost[] | PostgresUriFault {
  const hosts: PostgresHost[] = [];
  for (const each of (text === "" ? parameter : text).split(",")) {
    // A parameter is decoded already, and a folder's path may have any character but the comma.
    if (text === "" && isAbsolute(each)) {
      hosts.push({ host: each, port: DEFAULT_PORT });
      continue;
    }
    const [, name, digits] = /^(\[[0-9a-f:.]+\]|[^[\]:\s]+)(?::(\d{1,5}))?$/i.exec(each) ?? [];
    const port = Number(digits ?? DEFAULT_PORT);
    if (name === undefined || port < 1 || port > 65_535)
      return { reason: `A PostgreSQL tracking_uri names its host: ${FORM}.` };
    hosts.push({ host: decoded(name.replace(/^\[|\]$/g, "")), port });
  }
  return hosts;
}

/** Whether it is this machine, so that nobody is in between. */
function isHere({ host }: PostgresHost): boolean {
  if (isAbsolute(host) || host === "localhost" || host === "::1") return true;
  return isIPv4(host) && host.startsWith("127.");
}

function isSslMode(text: string): text is SslMode {
  return SSL_MODES.some((mode) => mode === text);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone "%" is itself, as for SQLAlchemy.
    return text;
  }
}
