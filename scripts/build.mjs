/**
 * Compiles everything into build/ and bundles the command, when there is something to bundle.
 * What an earlier build left of sources that are gone is removed, so that no dead test runs.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { ensureInstalled, isInstalled, root } from "./install.mjs";

/** Builds. Returns false, with the compiler's output on stderr, when a step fails. */
export function build() {
  if (!ensureInstalled({ tools: false })) return false;
  removeOrphans();
  forgetUnlessWhole();
  // Tests are compiled, too: without what they import their types can't be checked.
  const check = isInstalled({ tools: true }) ? [] : ["--noCheck"];
  const steps = [[join(root, "node_modules/typescript/bin/tsc"), "-p", ".", ...check]];
  const bundle = join(root, "scripts/bundle.mjs");
  if (existsSync(bundle)) steps.push([bundle]);
  return steps.every(
    (args) => spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", 2, 2] }).status === 0,
  );
}

function removeOrphans() {
  const build = join(root, "build");
  for (const part of ["src", "test", "clients"]) {
    const folder = join(build, part);
    if (!existsSync(folder)) continue;
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const output = join(entry.parentPath, entry.name);
      const source = join(root, relative(build, output)).replace(/\.js(\.map)?$/, ".ts");
      if (entry.isFile() && source.endsWith(".ts") && !existsSync(source)) rmSync(output);
    }
  }
}

/**
 * What an earlier compilation, or a check of the types alone, found out is not found out again. TypeScript does not look
 * whether what it wrote is still there: where it is not, all is compiled.
 */
function forgetUnlessWhole() {
  const known = join(root, "build/tsconfig.tsbuildinfo");
  if (!existsSync(known)) return;
  const { fileNames, affectedFilesPendingEmit = [] } = JSON.parse(readFileSync(known, "utf8"));
  // By a file's number, or by that and what is still to be written of it.
  const pending = new Set(affectedFilesPendingEmit.map((one) => [one].flat()[0]));
  const isLost = (name, index) => {
    const source = join(root, "build", name);
    if (pending.has(index + 1) || name.includes("node_modules/") || !/(?<!\.d)\.ts$/.test(name)) return false;
    const output = join(root, "build", relative(root, source)).replace(/\.ts$/, ".js");
    return existsSync(source) && !existsSync(output);
  };
  if (fileNames.some(isLost)) rmSync(known);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.exit(build() ? 0 : 1);
