/** Makes all that is generated from `proto/` and `src/` and needs no tool but Node's: `npm run generate`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ensureInstalled, root } from "./install.mjs";

if (ensureInstalled()) {
  // They need what has just been installed.
  const { bin, tool } = await import("./checks/tool.mjs");
  const { makeContract } = await import("./contract/contract.mjs");
  const { outcome, output } = await tool([...bin("@bufbuild/buf", "buf"), "generate"]);
  if (outcome !== "ok") {
    console.error(output);
    process.exitCode = 1;
  }
  const stale = (await makeContract()).filter(({ made, committed }) => made !== committed);
  for (const { path, made } of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), made);
    console.log(path);
  }
} else {
  process.exitCode = 1;
}
