/** The daemon with its kill points as one file: hundreds are started, and four hundred files take each of them half a second. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build as bundle, type Plugin } from "esbuild";

const BUILD = fileURLToPath(new URL("../../", import.meta.url));

/** Makes its program; resolves to the file. One that was made of the same sources stays. */
export async function makeMortalDaemon(): Promise<string> {
  const { outputFiles } = await bundle({
    stdin: {
      contents: 'import "./test/torture/kill-points.js"; import "./src/daemon/main.js";',
      resolveDir: BUILD,
    },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    packages: "external",
    logLevel: "warning",
    plugins: [ownUrls],
  });
  const text = outputFiles[0]?.text ?? "";
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 12);
  const path = join(BUILD, `mortal-daemon-${hash}.mjs`);
  if (existsSync(path)) return path;
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, path);
  return path;
}

/** What a module finds beside itself it finds where it was built. */
const ownUrls: Plugin = {
  name: "urls of the built files",
  setup(build) {
    build.onLoad({ filter: /\.js$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      const url = JSON.stringify(pathToFileURL(path).href);
      return text.includes("import.meta.url")
        ? { contents: text.replaceAll("import.meta.url", url) }
        : undefined;
    });
  },
};
