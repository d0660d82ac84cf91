/**
 * The rules of the house as data, and the function that holds a source against them.
 * Dependencies point one way; a third-party package has one home; so have the environment and the clock.
 */
import { COMPUTED, type Source } from "./source.js";

const linesMax = 300;

const durable = ["errors", "model", "gen", "leveldb", "store", "journal", "state", "secrets"];

/** What a folder of src/ may import of the others: a folder's name, or one file where only that is open. */
const layers: Readonly<Record<string, readonly string[]>> = {
  gen: [],
  errors: [],
  model: ["errors", "gen"],
  leveldb: ["errors", "model"],
  store: ["errors", "model", "leveldb"],
  journal: ["errors", "model", "leveldb", "store"],
  state: ["errors", "model", "store"],
  secrets: ["errors", "model", "store", "state"],
  sinks: ["errors", "model"],
  ingest: ["errors", "model", "gen", "store", "journal", "state"],
  flush: ["errors", "model", "store", "journal", "state", "sinks/sink.ts"],
  api: [...durable, "ingest", "flush"],
  gateway: [...durable, "ingest", "flush"],
  daemon: [...durable, "sinks", "ingest", "flush", "api", "gateway"],
  cli: [
    "errors",
    "model",
    "gen",
    "daemon/endpoint.ts",
    "daemon/farewell.ts",
    "daemon/file-system.ts",
    "store/durable-folder.ts",
    "store/replace-file.ts",
  ],
};

/** The folders that may import a package. What is not named here has no home yet. */
const homes: Readonly<Record<string, readonly string[]>> = {
  "@napi-rs/keyring": ["secrets/keychain"],
  "age-encryption": ["secrets"],
  "@bufbuild/protobuf": ["model", "ingest", "gen"],
  "@grpc/grpc-js": ["api", "cli", "daemon", "gen"],
  "@grpc/proto-loader": ["api", "cli"],
  "@grpc/reflection": ["api"],
  commander: ["cli"],
  "grpc-health-check": ["api"],
  keytar: ["secrets/keychain"],
  level: ["store", "journal"],
  libsql: ["sinks/mlflow-sql"],
  yaml: ["cli"],
};

const environmentHomes = ["src/daemon/config.ts", "src/cli/main.ts"];
const wallClockHomes = ["src/daemon/clock.ts"];
const namesWithoutMeaning = /(^|[/._-])(utils?|helpers?|common|misc)([/._-]|$)/;

/** Where a file of src/ leaves its layer or reaches for what has another home, a sentence each. */
export function layerFaultsOf(source: Source): string[] {
  return [...importFaultsOf(source), ...reachFaultsOf(source)];
}

/** What is wrong with a file's name and size; holds for every file of the repository. */
export function shapeFaultsOf({ path, lines }: Source): string[] {
  const faults: string[] = [];
  if (lines > linesMax) faults.push(`${path}: ${lines} lines; a file holds at most ${linesMax}`);
  if (namesWithoutMeaning.test(path)) faults.push(`${path}: the name does not say what it is for`);
  return faults;
}

function importFaultsOf({ path, imports }: Source): string[] {
  const from = path.replace(/^src\//, "");
  const folder = from.split("/")[0] ?? "";
  const allowed = layers[folder];
  if (allowed === undefined) return [`${path}: ${folder} is not a layer`];
  return imports.flatMap(({ what, line }) => {
    const fault = what.startsWith("src/")
      ? layerFault(from, what.slice("src/".length), allowed)
      : packageFault(from, what);
    return fault === undefined ? [] : [`${path}:${line}: ${fault}`];
  });
}

function layerFault(from: string, to: string, allowed: readonly string[]): string | undefined {
  const folder = folderOf(from);
  if (folderOf(to) !== folder) {
    return [folderOf(to), to].some((target) => allowed.includes(target))
      ? undefined
      : `${folder} may not import ${to}`;
  }
  // Sinks stand beside one another: each knows the interface and itself.
  const [sink, other] = [from, to].map((path) => path.split("/").slice(0, -1).join("/"));
  const crosses = folder === "sinks" && other !== "sinks" && sink !== other && !other?.startsWith(`${sink}/`);
  return crosses && sink !== "sinks" ? `${sink} may not import ${to}` : undefined;
}

function packageFault(from: string, specifier: string): string | undefined {
  if (specifier.startsWith("node:")) return undefined;
  if (specifier === COMPUTED) return "an import names its module, so that the layers can be checked";
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  const folders = homes[name];
  if (folders === undefined) return `${name} has no home in src/`;
  if (folders.some((folder) => from.startsWith(`${folder}/`))) return undefined;
  return `${name} may be imported in ${folders.join(", ")} only`;
}

function reachFaultsOf({ path, environment, wallClock }: Source): string[] {
  const faults: string[] = [];
  if (!environmentHomes.includes(path)) {
    for (const { what, line } of environment) {
      faults.push(`${path}:${line}: ${what} is read in ${environmentHomes.join(" and ")} only`);
    }
  }
  if (!wallClockHomes.includes(path)) {
    for (const { what, line } of wallClock) {
      faults.push(`${path}:${line}: ${what} is read in ${wallClockHomes.join(" and ")} only`);
    }
  }
  return faults;
}

function folderOf(path: string): string {
  return path.split("/")[0] ?? "";
}
