/** Bundles the daemon's own page into build/web: two scripts, a style sheet, and the files that stay as they are. */
import { mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { root } from "./install.mjs";
import { place } from "./one-file.mjs";

const source = join(root, "src", "web");
const target = join(root, "build", "web");

export async function bundlePage() {
  mkdirSync(target, { recursive: true });
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: {
      app: join(source, "main.tsx"),
      filter: join(source, "curves", "filter.ts"),
      "app-style": join(source, "app.css"),
    },
    outdir: target,
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    target: ["es2023"],
    jsx: "automatic",
    jsxImportSource: "preact",
    // Messages alone are taken of the generated code; a page makes no gRPC client.
    alias: { "@grpc/grpc-js": "./scripts/no-grpc.mjs" },
    legalComments: "none",
    logLevel: "warning",
  });
  for (const { path, contents } of outputFiles)
    place(join(target, basename(path).replace("app-style", "app")), contents, 0o644);
  for (const name of ["index.html", "icon.svg"])
    place(join(target, name), readFileSync(join(source, name)), 0o644);
}
