/** Where artifacts are: what MLflow's server takes for an experiment's location, and what lies below it. */
import { posix, resolve } from "node:path";
import { lengthOf } from "../requests/python.js";
import { invalid, RequestFault } from "../requests/request-fault.js";

/** Where a file's artifacts are, and whether programs get them from the daemon. */
export interface ArtifactPlace {
  /** A path or an URI. */
  readonly artifactRoot: string;
  /** Programs then see a place below the root as `mlflow-artifacts:`. */
  readonly servesArtifacts: boolean;
}

const SERVED = "mlflow-artifacts:";
const LENGTH_MAX = 2048;
/** A server would connect to the host that they name. */
const HOST_SCHEMES = new Set([
  "hdfs",
  "sftp",
  "abfss",
  "https",
  "r2",
  "mlflow-artifacts",
  "b2",
  "http",
  "viewfs",
  "ftp",
]);

/** Python finds params in URLs of these. */
const PARAM_SCHEMES = new Set([
  "",
  "ftp",
  "http",
  "https",
  "sftp",
  "hdl",
  "rtsp",
  "sip",
  "sips",
  "mms",
  "tel",
]);

interface Uri {
  readonly scheme: string;
  readonly authority: string | undefined;
  readonly path: string;
  readonly query: string | undefined;
  readonly fragment: string | undefined;
}

/** A place as programs get it. */
export function shownLocation(
  { artifactRoot, servesArtifacts }: ArtifactPlace,
  kept: string | undefined,
): string | undefined {
  const isBelow = kept === artifactRoot || kept?.startsWith(`${artifactRoot}/`);
  return servesArtifacts && kept !== undefined && isBelow
    ? `${SERVED}${kept.slice(artifactRoot.length) || "/"}`
    : kept;
}

/** The same in SQL, of a column: what is searched by is what programs see. */
export function shownColumn({ artifactRoot, servesArtifacts }: ArtifactPlace, column: string): string {
  if (!servesArtifacts) return column;
  const root = `'${artifactRoot.replaceAll("'", "''")}'`;
  const below = `substr(${column}, length(${root}) + 1)`;
  return `CASE WHEN ${column} = ${root} THEN '${SERVED}/' WHEN substr(${column}, 1, length(${root}) + 1) = ${root} || '/' THEN '${SERVED}' || ${below} ELSE ${column} END`;
}

/** A place as the file has it. */
export function keptLocation({ artifactRoot, servesArtifacts }: ArtifactPlace, shown: string): string {
  const [, below] = /^mlflow-artifacts:\/*(.*)$/s.exec(shown) ?? [];
  if (!servesArtifacts || below === undefined) return shown;
  if (below.split("/").includes("..")) throw invalid("Invalid path");
  return below === "" ? artifactRoot : `${artifactRoot}/${below}`;
}

/** The location as it is kept. Throws for one that MLflow's server refuses. */
export function checkLocation(location: string): string {
  const uri = parseUri(location);
  if (uri.fragment || (PARAM_SCHEMES.has(uri.scheme) && /;[^/]*$/.test(uri.path)))
    throw invalid("'artifact_location' URL can't include fragments or params.");
  checkQuery(uri.query);
  if (namesHost(uri))
    throw invalid(
      `'artifact_location' cannot use the '${uri.scheme}' scheme: the '${uri.scheme}' scheme addresses a host other than the tracking server's configured artifact storage, so the server would connect to the host named in the URI. Set the MLFLOW_ALLOWED_HOST_ADDRESSED_ARTIFACT_SCHEMES environment variable on the server to allow it.`,
    );
  if (location.startsWith("runs:"))
    throw invalid(`Artifact location cannot be a runs:/ URI. Given: '${location}'`);
  checkLength(location);
  const resolved = resolveLocal(location, uri);
  checkLength(resolved);
  return resolved;
}

/** The location with these below it. */
export function appendToUri(location: string, ...parts: readonly string[]): string {
  const uri = parseUri(location);
  checkQuery(uri.query);
  const below = parts.reduce(join, "");
  if (uri.scheme === "") return join(location, below);
  const authority = uri.authority === undefined ? "" : `//${uri.authority}`;
  const query = uri.query ? `?${uri.query}` : "";
  const fragment = uri.fragment ? `#${uri.fragment}` : "";
  const path = join(uri.path, below);
  const slash = uri.authority && !path.startsWith("/") ? "/" : "";
  return `${uri.scheme}:${authority}${slash}${path}${query}${fragment}`;
}

function join(path: string, below: string): string {
  if (path === "") return below;
  const rest = below.replace(/^\/+/, "");
  return path.endsWith("/") ? `${path}${rest}` : `${path}/${rest}`;
}

function parseUri(text: string): Uri {
  const [, scheme = "", authority, path = "", query, fragment] =
    /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text) ?? [];
  return { scheme: scheme.toLowerCase(), authority, path, query, fragment };
}

function namesHost({ scheme, authority }: Uri): boolean {
  return HOST_SCHEMES.has(scheme) && (scheme !== "mlflow-artifacts" || Boolean(authority));
}

function checkQuery(query: string | undefined): void {
  let decoded = query ?? "";
  for (let before = ""; before !== decoded; ) {
    before = decoded;
    try {
      decoded = decodeURIComponent(decoded);
    } catch {
      break;
    }
  }
  if (decoded.includes("..")) throw invalid("Invalid query string");
}

function resolveLocal(location: string, { scheme, authority, path }: Uri): string {
  if (scheme === "") return posix.isAbsolute(location) ? location : resolve(location);
  if (scheme !== "file") return location;
  const host = authority?.replace(/:.*$/, "") ?? "";
  if (host !== "" && host !== "." && !host.startsWith("localhost") && !host.startsWith("127.0.0.1"))
    throw new RequestFault(
      "INTERNAL_ERROR",
      `${location} is not a valid remote uri. For remote access on windows, please consider using a different scheme such as SMB (e.g. smb://<hostname>/<path>).`,
    );
  return posix.isAbsolute(path) ? location : `file://${resolve(path)}`;
}

function checkLength(location: string): void {
  if (lengthOf(location) <= LENGTH_MAX) return;
  throw invalid(
    `Invalid artifact path length. The length of the artifact path cannot be greater than ${LENGTH_MAX} characters. To configure this limit, please set the MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH environment variable.`,
  );
}
