/**
 * The node_modules of a wheel: what command and daemon ask for at run time, with the native parts of one platform.
 * What runs everywhere is taken from the clone's own node_modules, the native parts of other platforms from the
 * registry, once, checked against the lockfile.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { root } from "../install.mjs";
import { neededPackages } from "./application.mjs";
import { pathsBelow } from "./files-below.mjs";
import { run } from "./tarballs.mjs";
import { wholeFolder } from "./whole-folder.mjs";

/** What no program reads while it runs. */
const UNREAD =
  /(?:^|\/)(?:test|tests|bench|docs|example|examples|deps|\.github)\/|\.(?:map|ts|mts|cts|md|gyp|gypi|cc|h)$/;

/** Brings the native parts of several platforms with one call of npm: each takes half a second of a processor. */
export function fetchNative(platforms) {
  const paths = platforms.flatMap(({ native }) => native.map((name) => `node_modules/${name}`));
  fetchMissing(lockedPackages(), [...new Set(paths)]);
}

/** Its files, each with a path that begins with node_modules/ and its data. */
export function vendoredFiles({ native, level }) {
  const packages = lockedPackages();
  const paths = new Set();
  const add = (path) => {
    if (paths.has(path)) return;
    paths.add(path);
    const { dependencies = {}, peerDependencies = {} } = packages[path];
    for (const name of Object.keys({ ...dependencies, ...peerDependencies }))
      add(resolve(packages, path, name));
  };
  for (const name of [...Object.keys(neededPackages()), ...native]) add(`node_modules/${name}`);
  const wanted = [...paths].filter((path) => !isTypes(path));
  fetchMissing(packages, wanted);
  return wanted.flatMap((path) => filesOf(packages, path, level));
}

function lockedPackages() {
  return JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
}

function isTypes(path) {
  return /node_modules\/(?:@types\/|undici-types$)/.test(path);
}

/** Where Node finds a package that another one asks for. */
function resolve(packages, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    const path = posix.join(folder, "node_modules", name);
    if (packages[path] !== undefined) return path;
    if (folder === "") throw new Error(`The lockfile has no ${name}, which ${from} asks for.`);
  }
}

function filesOf(packages, path, level) {
  const folder = placeOf(packages, path);
  return pathsBelow(folder)
    .filter((name) => !name.startsWith("node_modules/") && !UNREAD.test(name))
    .filter((name) => !name.startsWith("prebuilds/") || name === `prebuilds/${level}`)
    .map((name) => ({ name: `${path}/${name}`, data: readFileSync(join(folder, name)) }));
}

/** The folder of a package: the clone's own, or where one is kept that is for another platform. */
function placeOf(packages, path) {
  const here = join(root, path);
  return existsSync(here) ? here : join(keptIn(packages, path), "package");
}

function keptIn(packages, path) {
  const name = path.slice("node_modules/".length).replace("/", "+");
  return join(root, ".cache", "unpacked", `${name}-${packages[path].version}`);
}

function fetchMissing(packages, paths) {
  const missing = paths.filter((path) => !existsSync(placeOf(packages, path)));
  if (missing.length === 0) return;
  const specs = missing.map((path) => `${path.slice("node_modules/".length)}@${packages[path].version}`);
  const to = mkdtempSync(join(tmpdir(), "stepwell-native-"));
  try {
    const files = run("npm", ["pack", ...specs, "--pack-destination", to, "--silent"])
      .trim()
      .split("\n");
    for (const [at, path] of missing.entries()) {
      const file = join(to, files[at] ?? "");
      const hash = createHash("sha512").update(readFileSync(file)).digest("base64");
      if (`sha512-${hash}` !== packages[path].integrity)
        throw new Error(`${specs[at]} is not what the lockfile says.`);
      wholeFolder(keptIn(packages, path), (draft) => run("tar", ["-xzf", file, "-C", draft]));
    }
  } finally {
    rmSync(to, { recursive: true, force: true });
  }
}
