/**
 * Brings node_modules to what the lockfile says, and only when it is not there yet, so that
 * any script can be the first command typed in a clone. Uses nothing but Node's own modules.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The repository's folder, with no slash at its end. */
export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");

const npm = process.platform === "win32" ? "npm.cmd" : "npm";

/**
 * What a user of a clone needs not: what tests and checks are made with, three quarters of all. Whoever has these tools
 * keeps them.
 */
function withoutTools() {
  const hidden = join(root, "node_modules", ".package-lock.json");
  const hasTools = existsSync(hidden) && Object.values(packagesOf(hidden)).some(({ dev }) => dev);
  return hasTools ? [] : ["--omit=dev"];
}

/**
 * Whether node_modules holds every package that the lockfile asks for, in its version; without the tools of tests and
 * checks unless they are asked for.
 */
export function isInstalled({ tools }) {
  const hidden = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(hidden)) return false;
  const wanted = packagesOf(join(root, "package-lock.json"));
  const present = packagesOf(hidden);
  return Object.entries(wanted).every(([path, { version, optional, dev, devOptional }]) => {
    if (path === "" || (!tools && (dev || devOptional))) return true;
    // An optional package is absent where it is for another platform; when present it must match.
    const found = present[path];
    return found === undefined ? optional === true : found.version === version;
  });
}

/**
 * Runs `npm ci` when packages are missing or stale, with the tools of tests and checks where they are needed or were
 * there. Returns false, with the reason on stderr, when it cannot.
 */
export function ensureInstalled({ tools = true } = {}) {
  if (!isNodeNewEnough()) return false;
  if (isInstalled({ tools })) return true;
  console.error("installing packages (npm ci) ...");
  const options = ["ci", ...(tools ? [] : withoutTools())];
  const { status, error } = spawnSync(npm, options, { cwd: root, stdio: ["ignore", 2, 2] });
  if (status === 0) return true;
  console.error(`npm ci failed${error === undefined ? "" : `: ${error.message}`}`);
  return false;
}

/** Installs what a user needs, or all, without holding up this process, which says meanwhile how it goes. False as ensureInstalled. */
export async function installMeanwhile({ tools }) {
  if (!isNodeNewEnough()) return false;
  const options = [
    "ci",
    ...(tools ? [] : withoutTools()),
    "--no-progress",
    "--no-fund",
    "--no-audit",
    "--loglevel=error",
  ];
  const child = spawn(npm, options, { cwd: root, stdio: ["ignore", "ignore", 2] });
  return await new Promise((resolve) => {
    child.once("error", ({ message }) => {
      console.error(`npm ci failed: ${message}`);
      resolve(false);
    });
    child.once("close", (code) => resolve(code === 0));
  });
}

function isNodeNewEnough() {
  const wanted = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).engines.node.replace(">=", "");
  if (compareVersions(process.versions.node, wanted) >= 0) return true;
  console.error(`Stepwell needs Node ${wanted} or newer; this is Node ${process.versions.node}.`);
  return false;
}

function compareVersions(left, right) {
  const [a, b] = [left, right].map((version) => version.split(".").map((part) => Number.parseInt(part, 10)));
  for (let i = 0; i < 3; i += 1) {
    if (a[i] !== b[i]) return a[i] - b[i];
  }
  return 0;
}

function packagesOf(lockfile) {
  return JSON.parse(readFileSync(lockfile, "utf8")).packages;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.exit(ensureInstalled() ? 0 : 1);
