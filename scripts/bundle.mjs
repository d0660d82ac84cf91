/**
 * Bundles the command, the daemon and the doctor into one file each, with V8's code of it beside, so that they start
 * fast: what a program does not need is not evaluated, and little is compiled. Measured as processor time of a daemon's
 * start: 0.87 s as four hundred files, 0.42 s as one, 0.29 s with V8's code. What stands in build/ itself only loads them.
 *
 * Each file appears by rename, the entry last, and the others are named by their content, so
 * that a program that runs meanwhile is not disturbed.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** The end of an entry. */
const run = `const cachedData = readFileSync(filename + ".cache");
const script = new Script(readFileSync(filename, "utf8"), { filename, cachedData });
script.runInThisContext()(createRequire(filename), filename);
`;
/** How long parts of an earlier bundle stay for commands that began with it. */
const keepMs = 600_000;
const parts = join(root, "build", "stepwell");
const common = {
  absWorkingDir: root,
  bundle: true,
  write: false,
  // Not ESM: import statements of Node's own modules would load them all at once.
  format: "cjs",
  platform: "node",
  target: "node20.19",
  legalComments: "none",
  logLevel: "warning",
  define: { "import.meta.url": "stepwellUrl" },
  banner: {
    js: '(function (require, __filename) { const stepwellUrl = require("node:url").pathToFileURL(__filename).href;',
  },
  footer: { js: "})" },
};
/** Of the daemon's side. Its lines stay as they are: they stand in the log of a daemon that failed. */
const serverSide = {
  ...common,
  // What is native, looks for files of its own beside it, or is loaded only when somebody asks for it.
  external: [
    ...["libsql", "classic-level", "@napi-rs/keyring", "keytar"],
    ...["grpc-health-check", "@grpc/reflection", "@grpc/proto-loader"],
  ],
  // V8's code of a script knows no import(): what is loaded later is required.
  supported: { "dynamic-import": false },
  plugins: [{ name: "urls of the built files", setup: keepUrls }],
};

mkdirSync(parts, { recursive: true });
const made = [
  await bundle("command", {
    ...common,
    entryPoints: ["src/cli/main.ts"],
    minifySyntax: true,
    minifyWhitespace: true,
    alias: { "@grpc/proto-loader": "./scripts/no-proto-loader.mjs" },
  }),
  await bundle("daemon", { ...serverSide, entryPoints: ["src/daemon/main.ts"] }),
  await bundle("doctor", { ...serverSide, entryPoints: ["src/doctor/doctor-main.ts"] }),
];
const [command, daemon, doctor] = made;
replace(join(root, "build", "stepwell-daemon.cjs"), entry(daemon), 0o644);
replace(join(root, "build", "stepwell-doctor.cjs"), entry(doctor), 0o644);
replace(join(root, "build", "stepwell.js"), `#!/usr/bin/env node\n${moduleEntry(command)}`, 0o755);
for (const each of readdirSync(parts)) {
  const isOld = Date.now() - statSync(join(parts, each)).mtimeMs > keepMs;
  if (isOld && !made.some((file) => each.startsWith(file))) rmSync(join(parts, each));
}

/** Writes a bundle and V8's code of it; answers its file's name. */
async function bundle(name, options) {
  const { outputFiles } = await build({ ...options, outfile: `build/stepwell/${name}.cjs` });
  const [{ contents }] = outputFiles;
  const file = `${name}-${createHash("sha256").update(contents).digest("hex").slice(0, 12)}.cjs`;
  const path = join(parts, file);
  replace(path, contents, 0o644);
  const cache = [join(root, "scripts/code-cache.mjs"), name, path];
  const { status } = spawnSync(process.execPath, cache, { stdio: ["ignore", "ignore", 2] });
  if (status !== 0) {
    console.error(`What was bundled as build/stepwell/${file} does not run.`);
    process.exit(1);
  }
  return file;
}

/** Programs and workers that a source names by its own place are the built ones, not beside the bundle. */
function keepUrls({ onLoad }) {
  onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
    const text = readFileSync(path, "utf8");
    if (!text.includes("import.meta.url")) return undefined;
    const built = `../${relative(root, path).replace(/\.ts$/, ".js")}`;
    const url = `new URL(${JSON.stringify(built)}, stepwellUrl).href`;
    return { contents: text.replaceAll("import.meta.url", url), loader: "ts" };
  });
}

function replace(path, data, mode) {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, data);
  chmodSync(draft, mode);
  renameSync(draft, path);
}

/** V8 takes its code from the cache only if it is of the same version, and compiles otherwise. */
function entry(file) {
  return `const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { join } = require("node:path");
const { Script } = require("node:vm");

const filename = join(__dirname, "stepwell", "${file}");
${run}`;
}

function moduleEntry(file) {
  return `import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";

const filename = fileURLToPath(new URL("stepwell/${file}", import.meta.url));
${run}`;
}
