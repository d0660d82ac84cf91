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
  ...["mlflow", "model", "runs", "stacks", "store", "tidy"],
];

/** What AVA is to run for the whole suite, as patterns. */
export const wholeSuite = [
  "build/groups/*.test.js",
  "build/test/**/*.test.js",
  "build/clients/typescript/test/**/*.test.js",
  ...together.map((folder) => `!build/test/${folder}/*.test.js`),
];

/** Makes the files that load the others. */
export function writeGroups() {
  const groups = join(root, "build", "groups");
  rmSync(groups, { recursive: true, force: true });
  mkdirSync(groups, { recursive: true });
  for (const folder of together) {
    const path = join(root, "build", "test", folder);
    const files = readdirSync(path).filter((name) => name.endsWith(".test.js"));
    const imports = files.map((name) => `import ${JSON.stringify(pathToFileURL(join(path, name)).href)};\n`);
    writeFileSync(join(groups, `${folder.replaceAll("/", "-")}.test.js`), imports.join(""));
  }
}
