/** Writes test/deploy/rendered anew: what `experiment-tracker deploy` writes for each provider, so that a change is read as a diff. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadSource } from "./docs/load-source.mjs";
import { root } from "./install.mjs";

const folder = join(root, "test/deploy/rendered");
const settings = JSON.parse(readFileSync(join(folder, "settings.json"), "utf8"));
const { platformFiles } = await loadSource("src/deploy/platform/platform-files.ts");
const { platformOf } = await loadSource("src/deploy/platform/platform-settings.ts");
for (const entry of readdirSync(folder, { withFileTypes: true }))
  if (entry.isDirectory()) rmSync(join(folder, entry.name), { recursive: true });
let files = 0;
for (const [provider, given] of Object.entries(settings)) {
  const deployment = { name: "mlflow_tracker", provider, settings: given, writtenTo: "", createdMs: 0 };
  for (const [name, text] of Object.entries(platformFiles(platformOf(deployment)))) {
    const path = join(folder, provider, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    files += 1;
  }
}
console.log(`${files} files`);
