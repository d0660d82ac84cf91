/**
 * The node_modules of a wheel: what command and daemon ask for at run time, with the native parts of one platform.
 * What runs everywhere is taken from the clone's own node_modules, the native parts of other platforms from the
 * registry, once, checked against the lockfile.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { root } from "../install.mjs";
import { neededPackages } from "./application.mjs";
import { pathsBelow } from "./files-below.mjs";
import { run } from "./tarballs.mjs";
import { wholeFolder } from "./whole-folder.mjs";

/** What no program reads while it runs. */
const UNREAD =
  /(?:^|\/)(?:test|tests|bench|docs|example|examples|deps|\.github)\/|\.(?:map|ts|mts|cts|md|gyp|gypi|cc|h)$/;

/** Its files, each with a path that begins with node_modules/ and its data. */
export function vendoredFiles({ native, level }) {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const paths = new Set();
  const add = (path) => {
    if (paths.has(path)) return;
    paths.add(path);
    const { dependencies = {}, peerDependencies = {} } = packages[path];
    for (const name of Object.keys({ ...dependencies, ...peerDependencies }))
      add(resolve(packages, path, name));
  };
  for (const name of [...Object.keys(neededPackages()), ...native]) add(`node_modules/${name}`);
  return [...paths].filter((path) => !isTypes(path)).flatMap((path) => filesOf(packages, path, level));
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
  const here = join(root, path);
  const folder = existsSync(here) ? here : fetched(path, packages[path]);
  return pathsBelow(folder)
    .filter((name) => !name.startsWith("node_modules/") && !UNREAD.test(name))
    .filter((name) => !name.startsWith("prebuilds/") || name === `prebuilds/${level}`)
    .map((name) => ({ name: `${path}/${name}`, data: readFileSync(join(folder, name)) }));
}

/** The folder of a package that is for another platform. */
function fetched(path, { version, integrity }) {
  const name = path.slice("node_modules/".length);
  const folder = join(root, ".cache", "unpacked", `${name.replace("/", "+")}-${version}`);
  wholeFolder(folder, (draft) => {
    const pack = ["pack", `${name}@${version}`, "--pack-destination", draft, "--silent"];
    const file = join(draft, run("npm", pack).trim());
    const hash = createHash("sha512").update(readFileSync(file)).digest("base64");
    if (`sha512-${hash}` !== integrity) throw new Error(`${name} ${version} is not what the lockfile says.`);
    run("tar", ["-xzf", file, "-C", draft]);
  });
  return join(folder, "package");
}
