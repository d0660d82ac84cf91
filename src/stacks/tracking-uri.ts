/** Where a tracking_uri points. Schemes are read, not compared: in any case, and as a whole. */
import { isAbsolute } from "node:path";
import { readPostgresUri } from "../model/postgres-address.js";
import { readRelayUri } from "../model/relay-uri.js";
import { ambiguousCharacter } from "../model/store-path.js";

export type TrackingUri =
  /** None: MLflow's store in the stack's artifact store. */
  | { readonly kind: "local" }
  | { readonly kind: "sqlite"; readonly path: string }
  /** An MLflow server; the address has no slash at its end and no credential in it. */
  | { readonly kind: "server"; readonly url: string }
  /** A workspace; without a profile its host is a setting of its own. */
  | { readonly kind: "databricks"; readonly profile: string | undefined }
  /** A folder for bundles. */
  | { readonly kind: "spool"; readonly folder: string }
  /** A relay's address, in one form. */
  | { readonly kind: "relay"; readonly uri: string }
  /** MLflow's PostgreSQL database; no password is in it. */
  | { readonly kind: "postgres"; readonly uri: string; readonly user: string }
  /** Nothing that can be delivered to; why, in a sentence that shows no value. */
  | { readonly kind: "refused"; readonly reason: string };

const DATABASES = ["mysql", "mssql", "oracle"];

/** Each request of a program asks where it goes to, and an address is read slowly. */
const read = new Map<string, TrackingUri>();
const READ_MAX = 100;

/** Reads a tracking_uri; undefined means that there is none. */
export function readTrackingUri(uri: string | undefined): TrackingUri {
  if (uri === undefined) return { kind: "local" };
  const known = read.get(uri);
  if (known) return known;
  if (read.size >= READ_MAX) read.clear();
  const found = readText(uri);
  read.set(uri, found);
  return found;
}

function readText(uri: string): TrackingUri {
  const profile = /^databricks(?::\/\/([^/\s?#@:]+))?$/i.exec(uri);
  if (profile) return { kind: "databricks", profile: profile[1] };
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === "http" || scheme === "https") return readServer(uri);
  if (scheme === "grpc" || scheme === "grpcs") return readRelay(uri);
  if (/^postgres(ql)?(\+\w+)?$/.test(scheme ?? "")) return readPostgres(uri);
  if (scheme === "spool+file") return readSpool(uri.slice("spool+file:".length));
  if (scheme === "sqlite") return readSqlite(uri.slice("sqlite:".length));
  return { kind: "refused", reason: whyRefused(scheme) };
}

/** An address of a server in one form, or undefined when it is none or more than an address. */
export function serverAddress(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, host, pathname, username, password, search, hash } = new URL(text);
  if (!["http:", "https:"].includes(protocol) || username + password + search + hash !== "") return undefined;
  return `${protocol}//${host}${pathname.replace(/\/+$/, "")}`;
}

function readServer(uri: string): TrackingUri {
  const url = /^https?:\/\/[^/]/i.test(uri) ? serverAddress(uri) : undefined;
  if (url !== undefined) return { kind: "server", url };
  const reason =
    "The tracking_uri has to be a server's address alone, as in https://host:5000; user and password are settings of their own.";
  return { kind: "refused", reason };
}

function readRelay(uri: string): TrackingUri {
  const read = readRelayUri(uri);
  return read.kind === "refused" ? read : { kind: "relay", uri: read.uri };
}

function readPostgres(text: string): TrackingUri {
  const read = readPostgresUri(text);
  if ("reason" in read) return { kind: "refused", ...read };
  if (read.password === "") return { kind: "postgres", uri: read.uri, user: read.user };
  const reason =
    "The tracking_uri has to be the database's address without a password: that is a setting of its own, tracking_password.";
  return { kind: "refused", reason };
}

function readSpool(rest: string): TrackingUri {
  const folder = /^\/\/(\/.*[^/])\/*$/s.exec(rest)?.[1];
  if (folder !== undefined && ambiguousCharacter(folder) === undefined) return { kind: "spool", folder };
  const reason = "The tracking_uri needs the absolute path of a folder: spool+file:///folder.";
  return { kind: "refused", reason };
}

function readSqlite(rest: string): TrackingUri {
  const path = /^\/\/\/(.+)$/s.exec(rest)?.[1];
  if (path === undefined || !isAbsolute(path)) {
    const reason = "The tracking_uri needs an absolute path: sqlite:////folder/mlflow.db.";
    return { kind: "refused", reason };
  }
  const character = ambiguousCharacter(path);
  if (character === undefined) return { kind: "sqlite", path };
  const reason = `The path of a tracking_uri can't have ${JSON.stringify(character)} in it: versions of MLflow read it differently.`;
  return { kind: "refused", reason };
}

function whyRefused(scheme: string | undefined): string {
  if (scheme === undefined)
    return "The tracking_uri has no scheme: give sqlite:////folder/mlflow.db, a server's address, or databricks.";
  const named = `A tracking_uri with the scheme ${JSON.stringify(scheme)}`;
  if (scheme === "file")
    return `${named} is a folder of files, which MLflow 3.13 and newer refuse: leave it out, or give sqlite:////folder/mlflow.db.`;
  if (DATABASES.includes(scheme.split("+")[0] ?? ""))
    return `${named} is not delivered to: give the address of an MLflow server in front of the database.`;
  if (scheme === "databricks")
    return "A Databricks tracking_uri is databricks, or databricks://PROFILE with a profile's name alone.";
  return `${named} is not supported; there are sqlite, postgresql, http, https, grpc, grpcs and databricks.`;
}
