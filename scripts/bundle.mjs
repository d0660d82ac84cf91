/**
 * Bundles the command into build/stepwell.js, with lazy parts beside it in build/stepwell/,
 * so that it starts fast and help loads no gRPC.
 *
 * Each file appears by rename, the entry last, and parts are named by their content, so that
 * a command that runs meanwhile is not disturbed.
 */
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const entry = join(root, "build", "stepwell.js");
/** How long parts of an earlier bundle stay for commands that began with it. */
const keepMs = 600_000;
const parts = join(root, "build", "stepwell");

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: { stepwell: "src/cli/main.ts" },
  outdir: "build",
  chunkNames: "stepwell/[name]-[hash]",
  bundle: true,
  splitting: true,
  write: false,
  format: "esm",
  platform: "node",
  alias: { "@grpc/proto-loader": "./scripts/no-proto-loader.mjs" },
  target: "node20.19",
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  logLevel: "warning",
  // CommonJS packages inside call require for Node's own modules.
  banner: {
    js: 'import { createRequire as stepwellRequire } from "node:module"; const require = stepwellRequire(import.meta.url);',
  },
});

mkdirSync(parts, { recursive: true });
for (const { path, contents } of outputFiles.toSorted(
  (one, other) => Number(one.path === entry) - Number(other.path === entry),
)) {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, contents);
  if (path === entry) chmodSync(draft, 0o755);
  renameSync(draft, path);
}
const current = new Set(outputFiles.map(({ path }) => basename(path)));
for (const name of readdirSync(parts)) {
  const isOld = Date.now() - statSync(join(parts, name)).mtimeMs > keepMs;
  if (isOld && !current.has(name)) rmSync(join(parts, name));
}
