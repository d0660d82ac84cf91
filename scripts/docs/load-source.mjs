/** Loads a TypeScript file of the repository as it is now, whatever was built before. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { compileFunction } from "node:vm";
import { build } from "esbuild";
import { root } from "../install.mjs";

/** Modules that are imported when they are needed are not: nothing that reads a table needs them. */
const withoutLate = {
  name: "without late modules",
  setup: ({ onResolve }) =>
    onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === "dynamic-import" ? { path, external: true } : undefined,
    ),
};

/** What the file exports. */
export async function loadSource(path) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [path],
    bundle: true,
    packages: "external",
    format: "cjs",
    platform: "node",
    write: false,
    logLevel: "error",
    plugins: [withoutLate],
  });
  const loaded = { exports: {} };
  const require = createRequire(join(root, "package.json"));
  const run = compileFunction(outputFiles[0].text, ["module", "exports", "require"]);
  run(loaded, loaded.exports, require);
  return loaded.exports;
}
