/**
 * The rules of the house as data, and the function that holds a source against them.
 * Dependencies point one way; a third-party package has one home; so have the environment and the clock.
 */
import { COMPUTED, type Source } from "./source.js";

const base = ["errors", "model", "home", "store"];
const durable = [...base, "gen", "leveldb", "mlflow", "stacks", "runs", "journal", "secrets"];

/** What a folder of src/ may import of the others: a folder's name, or one file where only that is open. */
const layers: Readonly<Record<string, readonly string[]>> = {
  gen: [],
  errors: [],
  model: ["errors", "gen"],
  home: ["errors", "model"],
  leveldb: ["errors", "model"],
  metrics: ["errors", "model", "home"],
  store: ["errors", "model", "home", "leveldb"],
  mlflow: ["errors", "model", "home"],
  stacks: base,
  runs: base,
  journal: [...base, "leveldb"],
  bundles: ["errors", "model", "home", "gen", "leveldb/crc32c.ts"],
  sinks: ["errors", "model", "home", "mlflow", "gen", "bundles"],
  secrets: [...base, "stacks"],
  curves: [...base, "runs", "journal"],
  ingest: [...base, "gen", "runs", "journal"],
  flush: [...base, "runs", "journal", "sinks/sink.ts"],
  leases: [...base, "gen", "stacks", "runs", "ingest"],
  notify: ["errors", "model", "home", "flush", "runs"],
  monitor: ["errors", "model", "home", "stacks", "runs", "ingest", "leases"],
  spool: [...base, "gen", "runs", "journal", "ingest", "leases"],
  gateway: [
    ...durable,
    "ingest",
    "flush",
    "sinks/mlflow-sqlite/connection.ts",
    "sinks/mlflow-sqlite/homes.ts",
    "sinks/mlflow-sqlite/odd-files.ts",
    "sinks/mlflow-sqlite/schema.ts",
  ],
  page: [...base, "gateway/call.ts"],
  reading: ["gen", "model"],
  web: ["gen", "model/curve-limits.ts", "model/curve-parts.ts", "reading"],
  doctor: [...durable, "sinks", "ingest"],
  api: [...durable, "curves", "ingest", "flush", "leases"],
  relay: [
    ...["errors", "model", "home", "metrics", "mlflow", "gen", "sinks"],
    ...[
      "ingest/admission.ts",
      "ingest/admit-run.ts",
      "ingest/open-streams.ts",
      "flush/pack.ts",
      "flush/under-way.ts",
      "stacks/tracking-uri.ts",
    ],
    ...["api/call-error.ts", "api/call-stream.ts", "api/health.ts", "api/intake.ts"],
  ],
  carry: [...durable, "bundles", "sinks", "flush", "relay/read-pack.ts"],
  daemon: [
    ...durable,
    "carry",
    "curves",
    "metrics",
    "sinks",
    "ingest",
    "flush",
    "leases",
    "monitor",
    "notify",
    "spool",
    "doctor",
    "gateway",
    "page",
    "api",
  ],
  deploy: ["errors", "model", "home", "mlflow"],
  cli: ["errors", "model", "gen", "home", "mlflow", "deploy", "reading"],
};

/** The folders that may import a package. What is not named here has no home yet. */
const homes: Readonly<Record<string, readonly string[]>> = {
  "@napi-rs/keyring": ["secrets/keychain"],
  "age-encryption": ["secrets", "bundles"],
  "@bufbuild/protobuf": ["model", "ingest", "spool", "relay", "gen", "web"],
  "@grpc/grpc-js": ["api", "cli", "daemon", "gen", "relay", "sinks/relay"],
  "@grpc/proto-loader": ["api", "cli"],
  "@grpc/reflection": ["api"],
  "@opentelemetry/api": ["metrics"],
  "@opentelemetry/exporter-metrics-otlp-grpc": ["metrics"],
  "@opentelemetry/exporter-metrics-otlp-http": ["metrics"],
  "@opentelemetry/exporter-metrics-otlp-proto": ["metrics"],
  "@opentelemetry/exporter-prometheus": ["metrics"],
  "@opentelemetry/resources": ["metrics"],
  "@opentelemetry/sdk-metrics": ["metrics"],
  commander: ["cli"],
  "grpc-health-check": ["api"],
  keytar: ["secrets/keychain"],
  level: ["store", "journal"],
  chevrotain: ["gateway/local"],
  "string-width": ["cli/output"],
  "terminal-kit": ["cli/watch"],
  preact: ["web"],
  uplot: ["web"],
  pg: ["sinks/mlflow-postgres"],
  libsql: ["sinks/mlflow-sqlite", "gateway/local"],
  jose: ["relay/access"],
  yaml: ["cli", "relay/access"],
};

const environmentHomes = ["src/home/config.ts", "src/cli/main.ts"];
/** Both clocks: what waits takes the monotonic one of a Clock, so that a test can move the other. */
const clockHomes = ["src/home/clock.ts"];
/** What a backend is, and its driver: all else asks those, so that another kind of backend is added there. */
const backendKindHomes = ["src/model/target.ts", "src/sinks/drivers.ts"];
const namesWithoutMeaning = /(^|[/._-])(utils?|helpers?|common|misc)([/._-]|$)/;

/** Where a file of src/ leaves its layer or reaches for what has another home, a sentence each. */
export function layerFaultsOf(source: Source): string[] {
  // A browser has no environment, and no clock but its own.
  const isPage = source.path.startsWith("src/web/");
  return [...importFaultsOf(source), ...(isPage ? [] : reachFaultsOf(source))];
}

/** What is wrong with a file's name; holds for every file of the repository. */
export function nameFaultsOf({ path }: Source): string[] {
  return namesWithoutMeaning.test(path) ? [`${path}: the name does not say what it is for`] : [];
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

function reachFaultsOf({ path, environment, clock, backendKinds }: Source): string[] {
  const faults: string[] = [];
  if (!environmentHomes.includes(path)) {
    for (const { what, line } of environment) {
      faults.push(`${path}:${line}: ${what} is read in ${environmentHomes.join(" and ")} only`);
    }
  }
  if (!clockHomes.includes(path)) {
    for (const { what, line } of clock) {
      faults.push(`${path}:${line}: ${what} is read in ${clockHomes.join(" and ")} only`);
    }
  }
  if (!backendKindHomes.includes(path)) {
    for (const { what, line } of backendKinds) {
      faults.push(`${path}:${line}: ${what} decides in ${backendKindHomes.join(" and ")} only`);
    }
  }
  return faults;
}

function folderOf(path: string): string {
  return path.split("/")[0] ?? "";
}
