/**
 * Makes one file of a program, with V8's code of it beside, so that it starts fast: what a program does not need is
 * not evaluated, and little is compiled. Measured as processor time of a daemon's start: 0.87 s as four hundred files,
 * 0.42 s as one, 0.29 s with V8's code. A bundle is ASCII: it is read twice as fast as UTF-8 and takes half the memory.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { build } from "esbuild";
import { root } from "./install.mjs";

/** What loads a bundle. V8 takes its code from the cache only if it is of the same version and flags, and compiles otherwise. */
const run = `const cachedData = readFileSync(filename + ".cache");
const script = new Script(readFileSync(filename, "latin1"), { filename, cachedData });
`;
/** What loads LevelDB's native part, wherever its package has it for this platform. */
const CLASSIC_LEVEL_BINDING = "classic-level/binding.js";
/** What all bundles have in common. */
export const plain = {
  absWorkingDir: root,
  bundle: true,
  write: false,
  platform: "node",
  target: "node20.19",
  legalComments: "none",
  logLevel: "warning",
};
const common = {
  ...plain,
  // Not ESM: import statements of Node's own modules would load them all at once.
  format: "cjs",
  define: { "import.meta.url": "stepwellUrl" },
  banner: {
    js: '(function (require, __filename, module) { const stepwellUrl = require("node:url").pathToFileURL(__filename).href;',
  },
  footer: { js: "})" },
};
/** The command's side. */
export const commandSide = {
  ...common,
  minifySyntax: true,
  minifyWhitespace: true,
  alias: {
    "@grpc/proto-loader": "./scripts/no-proto-loader.mjs",
    "string-width": "./scripts/late-string-width.cjs",
  },
  // V8's code of a script knows no import(): what is loaded later is required.
  supported: { "dynamic-import": false },
  plugins: [{ name: "what is loaded late", setup: leaveOut }],
};
/** The daemon's side. Its lines stay as they are: they stand in the log of a daemon that failed. */
export const serverSide = {
  ...common,
  // What is native, looks for files of its own beside it, or is loaded only when somebody asks for it.
  external: [
    ...["libsql", CLASSIC_LEVEL_BINDING, "@napi-rs/keyring", "keytar"],
    ...["grpc-health-check", "@grpc/reflection", "@grpc/proto-loader"],
  ],
  // V8's code of a script knows no import(): what is loaded later is required.
  supported: { "dynamic-import": false },
  plugins: [
    { name: "urls of the built files", setup: keepUrls },
    { name: "LevelDB's native part", setup: keepBinding },
    { name: "what is loaded late", setup: leaveOut },
  ],
};

/** With which a program is started, as src/cli/daemon/spawn.ts does: V8 takes its code with the flags of its making alone. */
const flagsOf = { daemon: ["--max-semi-space-size=4", "--heap-growing-percent=50"] };

/**
 * Writes a bundle and V8's code of it into a folder beside build/src; answers its file's name, which its content
 * gives. One that is there already stays. The name begins with the program's, as scripts/code-cache.mjs knows it.
 */
export async function bundleInto(folder, program, options) {
  mkdirSync(folder, { recursive: true });
  const { outputFiles } = await build({ ...options, outfile: join(folder, `${program}.cjs`) });
  const contents = inAscii(outputFiles[0].text);
  const flags = flagsOf[program] ?? [];
  const maker = join(root, "scripts/code-cache.mjs");
  const made = [process.version, ...flags, readFileSync(maker)].join(" ");
  const hash = createHash("sha256").update(contents).update(made).digest("hex");
  const file = `${program}-${hash.slice(0, 12)}.cjs`;
  const path = join(folder, file);
  if (existsSync(path) && existsSync(`${path}.cache`)) return file;
  place(path, contents, 0o644);
  const args = [...flags, maker, program, path];
  // A daemon of the torture waits for a line.
  const { status, stderr } = spawnSync(process.execPath, args, {
    input: "\n",
    stdio: ["pipe", "ignore", "pipe"],
  });
  if (status !== 0) throw new Error(`What was bundled as ${relative(root, path)} does not run:\n${stderr}`);
  return file;
}

/** Code is ASCII already; only comments of packages are not. */
function inAscii(text) {
  return text.replaceAll(/[^\0-\x7f]/g, "?");
}

/** Writes what a bundle loads late as one file; what it asks for in turn is in it, but gRPC, which only some ask for. */
export async function bundleLate(source, path, options = {}) {
  const { outputFiles } = await build({
    ...plain,
    ...options,
    format: "cjs",
    supported: { "dynamic-import": false },
    external: ["@grpc/grpc-js"],
    entryPoints: [source],
    outfile: path,
  });
  place(path, outputFiles[0].contents, 0o644);
}

/** Makes a module in build/ one file with all that it imports. */
export async function bundleInPlace(name) {
  const path = join(root, "build", `${name}.js`);
  const { outputFiles } = await build({
    ...plain,
    format: "esm",
    external: ["libsql"],
    entryPoints: [`${name}.ts`],
    outfile: path,
  });
  place(path, outputFiles[0].contents, 0o644);
}

/** Programs and workers that a source names by its own place are the built ones, not beside the bundle. */
function keepUrls({ onLoad }) {
  onLoad({ filter: /\/(src|test)\/.*\.ts$/ }, ({ path }) => {
    const text = readFileSync(path, "utf8");
    if (!text.includes("import.meta.url")) return undefined;
    const built = `../${relative(root, path).replace(/\.ts$/, ".js")}`;
    const url = `new URL(${JSON.stringify(built)}, stepwellUrl).href`;
    return { contents: text.replaceAll("import.meta.url", url), loader: "ts" };
  });
}

/** Twenty small files stand around LevelDB's native part: to find each of them takes Node longer than to run it. */
function keepBinding({ onResolve }) {
  onResolve({ filter: /^\.\/binding$/ }, ({ importer }) =>
    /[\\/]classic-level[\\/]/.test(importer) ? { path: CLASSIC_LEVEL_BINDING, external: true } : undefined,
  );
}

/** What is loaded late: each has a file of its own beside the entries, which nobody reads who does not need it. */
const late = [
  { filter: /\/metrics\/start\.js$/, file: "stepwell-metrics.cjs" },
  { filter: /\.\/terminal\.js$/, file: "stepwell-terminal.cjs" },
];

function leaveOut({ onResolve }) {
  for (const { filter, file } of late)
    onResolve({ filter }, ({ kind }) =>
      kind === "dynamic-import" ? { path: `../${file}`, external: true } : undefined,
    );
}

/** Puts a file where it is to be, whole. */
export function place(path, data, mode) {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, data);
  chmodSync(draft, mode);
  renameSync(draft, path);
}

/** The text of a script that runs a bundle, whose path is relative to it. */
export function commonEntry(bundle) {
  return `const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { join } = require("node:path");
const { Script } = require("node:vm");

const filename = join(__dirname, "${bundle}");
${run}script.runInThisContext()(createRequire(filename), filename, module);
`;
}

/** The same as a module. */
export function moduleEntry(bundle) {
  return `import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";

const filename = fileURLToPath(new URL("${bundle}", import.meta.url));
${run}script.runInThisContext()(createRequire(filename), filename);
`;
}
