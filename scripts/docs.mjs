/** Writes the parts of the guide that are made from the code: `npm run docs`. `npm run check` says which are stale. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureInstalled, root } from "./install.mjs";

if (ensureInstalled()) {
  // It needs what has just been installed.
  const { makeGuide } = await import("./docs/guide.mjs");
  const { pages, lacking } = await makeGuide();
  const stale = pages.filter(({ made, committed }) => made !== committed);
  for (const { path, made } of stale) writeFileSync(join(root, path), made);
  console.log(stale.length > 0 ? stale.map(({ path }) => path).join("\n") : "All pages are fresh.");
  if (lacking !== undefined) console.error(lacking);
} else {
  process.exitCode = 1;
}
