/**
 * The files of command and daemon that an installation needs: four bundles with V8's code of them, what runs as a
 * process or thread of its own, as one file each, the page's files, the protocol for gRPC's reflection, and what npm reads.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { root } from "../install.mjs";
import { plain } from "../one-file.mjs";

const ENTRIES = ["stepwell.js", "stepwell-daemon.cjs", "stepwell-doctor.cjs", "stepwell-relay.cjs"];
/** Programs and workers that the daemon starts by their own path. */
const BESIDE = [
  "src/gateway/local/local-thread",
  "src/sinks/mlflow-sqlite/worker",
  "src/secrets/keychain/keychain-program",
  "src/secrets/passphrase/passphrase-program",
];
/** What the bundles ask for at run time: native, or with files of their own. grpc-js is what reflection asks for. */
const NEEDED = [
  ...["@grpc/grpc-js", "@grpc/proto-loader", "@grpc/reflection", "@napi-rs/keyring"],
  ...["classic-level", "grpc-health-check", "libsql"],
];

/** What its package.json has of the repository's. */
const KEPT = ["name", "version", "description", "license", "type", "engines", "optionalDependencies"];
/** A package is built: nothing stands before its command. */
const BIN = { stepwell: "build/stepwell.js" };

/** Name and version of each package that an installation needs, as the lockfile has them. */
export function neededPackages() {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  return Object.fromEntries(NEEDED.map((name) => [name, packages[`node_modules/${name}`].version]));
}

/** Puts the files into a folder. */
export async function stageApplication(folder) {
  for (const entry of ENTRIES) {
    copy(join("build", entry), folder);
    const [bundle] = /stepwell\/[a-z]+-[0-9a-f]+\.cjs/.exec(readFileSync(join(root, "build", entry), "utf8"));
    copy(join("build", bundle), folder);
    copy(join("build", `${bundle}.cache`), folder);
  }
  for (const late of ["metrics", "terminal"]) copy(`build/stepwell-${late}.cjs`, folder);
  for (const name of readdirSync(join(root, "proto/stepwell/v1"))) copy(`proto/stepwell/v1/${name}`, folder);
  for (const name of readdirSync(join(root, "build/web"))) copy(`build/web/${name}`, folder);
  for (const name of ["LICENSE", "README.md"]) copy(name, folder);
  writeManifest(folder);
  await build({
    ...plain,
    write: true,
    format: "esm",
    external: ["libsql", "@napi-rs/keyring", "keytar"],
    entryPoints: BESIDE.map((name) => `${name}.ts`),
    outbase: ".",
    outdir: join(folder, "build"),
  });
}

function writeManifest(folder) {
  const whole = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const kept = Object.fromEntries(KEPT.map((key) => [key, whole[key]]));
  const manifest = { ...kept, bin: BIN, files: ["build", "proto"], dependencies: neededPackages() };
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

function copy(name, folder) {
  const target = join(folder, name);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(join(root, name), target);
}
