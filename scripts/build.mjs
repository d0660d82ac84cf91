/**
 * Compiles everything into build/ and bundles the command, when there is something to bundle.
 * What an earlier build left of sources that are gone is removed, so that no dead test runs.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { ensureInstalled, isInstalled, root } from "./install.mjs";

/** Builds. Returns false, with the compiler's output on stderr, when a step fails. */
export function build() {
  if (!ensureInstalled({ tools: false })) return false;
  removeOrphans();
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

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.exit(build() ? 0 : 1);
