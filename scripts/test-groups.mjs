/**
 * Test files that share a process. AVA takes half a second of the processor for each file, before the first test of it
 * runs: where a folder's files start no process and change nothing of their own, the whole suite runs them in one.
 * A single file still runs by itself: npx ava build/test/flush/pace.test.js.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./install.mjs";

/** The variable that says so to ava.config.js. */
export const WHOLE_SUITE = "STEPWELL_WHOLE_SUITE";

/** Folders of test/, without what is below them. */
const together = [
  ...[
    "cli/watch",
    "curves",
    "flush",
    "gateway",
    "gateway/artifacts",
    "gateway/requests",
    "home",
    "ingest",
    "journal",
    "leases",
    "leveldb",
  ],
  ...["metrics", "mlflow", "model", "runs", "stacks", "store", "tidy"],
];

/** Single files of other folders, as paths below build/: those beside them start processes, or wait by a clock. */
const small = [
  ...["checks", "column", "contract", "outbox", "settings", "client", "buffer", "messages"].map(
    (name) => `clients/typescript/test/${name}`,
  ),
  ...[
    ...[
      "cli/arguments",
      "cli/ask-settings",
      "cli/forward-signals",
      "cli/list-request",
      "cli/output",
      "cli/point-lines",
    ],
    ...["cli/bounded-output", "monitor/gpus", "monitor/monitor", "monitor/part"],
    ...["monitor/readings", "cli/program-output", "spool/left-outputs"],
    ...["notify/happenings", "notify/notifier", "notify/notify-command"],
    ...["cli/screen", "cli/text-input", "cli/version-rule", "api/run-standing", "api/secrets-service"],
    ...["daemon/ending", "daemon/home-sink", "daemon/log-file", "docs/claims", "docs/figures"],
    ...["errors/table", "doctor/doctor", "gateway/local/clauses", "mlflow/managed/uv-settings"],
    ...["carry/place", "secrets/credentials", "secrets/keychain-program", "secrets/moved-clock"],
    ...[
      "relay/access/access",
      "secrets/secret-book",
      "secrets/shared-items",
      "secrets/vault",
      "support/until",
      "page/web",
    ],
    ...["sinks/mlflow-postgres/sink", "spool/takeover"],
  ].map((name) => `test/${name}`),
];

const below = (folder, names) => names.map((name) => `test/${folder}/${name}`);

/**
 * Files by the name of the one that they become. Of those that start processes a group has some whose tests go one
 * after the other, and of others no more tests than a single file has: they all go at once. None has a test that
 * measures its own process.
 */
const groups = {
  small,
  relay: [
    ...below("relay", ["drain", "fair-queue", "streams"]),
    ...below("relay/access", ["access", "algorithms", "pieces", "settings", "streams", "tenant-queue"]),
    ...below("sinks/relay", ["other-relays", "packs-under-way", "parents", "relay-sink", "tls"]),
  ],
  "e2e-runs": below("e2e", ["drain-runs", "ranks", "run-output"]),
  "e2e-ends": below("e2e", ["end-in-grace", "leases", "training-hooks"]),
  "e2e-mlflow": below("e2e", [
    ...["artifact-command", "databricks-steps", "mlflow-in-local-steps", "mlflow-in-steps"],
    ...["server-credentials", "shared-run", "gateway-many"],
  ]),
  // No one of these takes longer than two minutes of a busy machine: all of a group's tests go one after the other.
  "e2e-servers": below("e2e", ["bundle-backends", "relay-server"]),
  "e2e-at-servers": below("e2e", ["run-ids", "seed-backends", "relay-access", "gateway-java"]),
  "e2e-steps": below("e2e", ["steps", "steps-parity"]),
  "e2e-looks": below("e2e", ["curves", "metrics", "system-metrics"]),
  "e2e-spool": below("e2e", ["spool", "spool-bounds"]),
  "e2e-commands": below("e2e", ["notify", "run-command"]),
  "e2e-losses": below("e2e", ["dead-letters", "home-copies", "lost-segments"]),
  "torture-short": below("torture", ["bundles", "failed-sync", "log-names"]),
  "mlflow-rest": below("sinks/mlflow-rest", [
    ...["azure-ml", "calls", "copies", "create-once", "late", "log-batch"],
    ...["models", "parity", "tls"],
  ]),
  "mlflow-sqlite": below("sinks/mlflow-sqlite", [
    ...["create", "entries", "file-state", "models", "once", "pacing", "replaced", "trouble"],
  ]),
};

const built = (path) => `build/${path}.test.js`;

/** What AVA is to run for the whole suite, as patterns. */
export const wholeSuite = [
  "build/groups/*.test.js",
  "build/test/**/*.test.js",
  "build/clients/typescript/test/**/*.test.js",
  ...together.map((folder) => `!build/test/${folder}/*.test.js`),
  ...Object.values(groups).flatMap((paths) => paths.map((path) => `!${built(path)}`)),
];

/** Makes the files that load the others. */
export function writeGroups() {
  const made = join(root, "build", "groups");
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
  for (const folder of together) {
    const path = join(root, "build", "test", folder);
    const files = readdirSync(path).filter((name) => name.endsWith(".test.js"));
    writeGroup(
      folder.replaceAll("/", "-"),
      files.map((name) => join(path, name)),
    );
  }
  // One that has another name by now fails its group.
  for (const [name, paths] of Object.entries(groups)) {
    writeGroup(
      name,
      paths.map((path) => join(root, built(path))),
    );
  }
}

function writeGroup(name, paths) {
  const imports = paths.map((path) => `import ${JSON.stringify(pathToFileURL(path).href)};\n`);
  writeFileSync(join(root, "build", "groups", `${name}.test.js`), imports.join(""));
}
