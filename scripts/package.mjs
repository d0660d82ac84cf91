/**
 * Makes the packages in dist/: npm's tarballs, the wheel of the Python client, and one wheel for each platform with
 * command and daemon in it.
 *
 *   node scripts/package.mjs [--built] [--contents] [--to FOLDER] [PLATFORM...]
 *
 * Without a platform: all of scripts/package/platforms.mjs. `here` is the one that this runs on. --built: build/ is
 * as it is to be. --contents: of the platforms' wheels what they would hold is printed, and of the others the client's
 * wheel alone is made.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { root } from "./install.mjs";
import { stageApplication } from "./package/application.mjs";
import { PLATFORMS, platformHere } from "./package/platforms.mjs";
import { packApplication, packClient } from "./package/tarballs.mjs";
import { fetchNative } from "./package/vendored.mjs";
import { packClientWheel, packWheel, recordOf } from "./package/wheels.mjs";

const { values, positionals } = parseArgs({
  options: { built: { type: "boolean" }, contents: { type: "boolean" }, to: { type: "string" } },
  allowPositionals: true,
});
const names = (positionals.length > 0 ? positionals : Object.keys(PLATFORMS)).map((name) =>
  name === "here" ? platformHere() : name,
);
const unknown = names.filter((name) => PLATFORMS[name] === undefined);
if (unknown.length > 0) {
  console.error(
    `There is no wheel for ${unknown.join(", ")}; there are ${Object.keys(PLATFORMS).join(", ")}.`,
  );
  process.exit(2);
}
if (!values.built && !build()) process.exit(1);

const to = resolve(values.to ?? join(root, "dist"));
mkdirSync(to, { recursive: true });
for (const file of readdirSync(to)) if (/^stepwell.*\.(?:tgz|whl)$/.test(file)) rmSync(join(to, file));
const staged = mkdtempSync(join(tmpdir(), "stepwell-package-"));
try {
  await stageApplication(staged);
  packClientWheel(to);
  fetchNative(names.map((name) => PLATFORMS[name]));
  if (values.contents) {
    for (const name of names) process.stdout.write(recordOf(staged, PLATFORMS[name]));
  } else {
    packApplication(staged, to);
    packClient(to);
    for (const name of names) packWheel(staged, PLATFORMS[name], to);
  }
} finally {
  rmSync(staged, { recursive: true, force: true });
}
for (const file of values.contents ? [] : readdirSync(to).sort())
  console.log(`${file}  ${(statSync(join(to, file)).size / 1e6).toFixed(1)} MB`);
