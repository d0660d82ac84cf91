/**
 * Bundles the command into one file, with V8's code of it beside, so that it starts fast; what
 * it does not need, gRPC among it, is not evaluated. build/stepwell.js only loads the two.
 *
 * Each file appears by rename, the entry last, and the others are named by their content, so
 * that a command that runs meanwhile is not disturbed.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const entry = join(root, "build", "stepwell.js");
/** How long parts of an earlier bundle stay for commands that began with it. */
const keepMs = 600_000;
const parts = join(root, "build", "stepwell");

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ["src/cli/main.ts"],
  outfile: "build/stepwell/command.cjs",
  bundle: true,
  write: false,
  // Not ESM: import statements of Node's own modules would load them all at once.
  format: "cjs",
  platform: "node",
  alias: { "@grpc/proto-loader": "./scripts/no-proto-loader.mjs" },
  target: "node20.19",
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  logLevel: "warning",
  define: { "import.meta.url": "stepwellUrl" },
  banner: {
    js: '(function (require, __filename) { const stepwellUrl = require("node:url").pathToFileURL(__filename).href;',
  },
  footer: { js: "})" },
});
const [{ contents }] = outputFiles;
const name = `command-${createHash("sha256").update(contents).digest("hex").slice(0, 12)}.cjs`;

mkdirSync(parts, { recursive: true });
replace(join(parts, name), contents, 0o644);
const cached = spawnSync(process.execPath, [join(root, "scripts/code-cache.mjs"), join(parts, name)], {
  stdio: ["ignore", "ignore", 2],
});
if (cached.status !== 0) process.exit(1);
replace(entry, entryText(), 0o755);
for (const each of readdirSync(parts)) {
  const isOld = Date.now() - statSync(join(parts, each)).mtimeMs > keepMs;
  if (isOld && !each.startsWith(name)) rmSync(join(parts, each));
}

function replace(path, data, mode) {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, data);
  chmodSync(draft, mode);
  renameSync(draft, path);
}

/** V8 takes its code from the cache only if it is of the same version, and compiles otherwise. */
function entryText() {
  return `#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";

const filename = fileURLToPath(new URL("stepwell/${name}", import.meta.url));
const cachedData = readFileSync(filename + ".cache");
const script = new Script(readFileSync(filename, "utf8"), { filename, cachedData });
script.runInThisContext()(createRequire(filename), filename);
`;
}
