/** What packages are made of, and the folder of a clone as a package. */
import { execFile } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import test from "ava";
import { scratchFolder } from "../support/folder.js";
import { ROOT } from "../support/home.js";

const run = promisify(execFile);
const NPM_QUIET = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"];

test("npm installs the folder of a clone: its command works, or says how to build it", async (t) => {
  const folder = await scratchFolder(t);
  writeFileSync(join(folder, "package.json"), "{}");
  // What of a clone makes a command of npm's; its path needs care in a shell.
  const clone = join(folder, "it's a clone");
  const {
    dependencies: _,
    devDependencies: __,
    optionalDependencies: ___,
    workspaces: ____,
    ...manifest
  } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Record<string, unknown>;
  mkdirSync(join(clone, "scripts"), { recursive: true });
  writeFileSync(join(clone, "package.json"), JSON.stringify(manifest));
  copyFileSync(join(ROOT, "scripts/stepwell.mjs"), join(clone, "scripts/stepwell.mjs"));
  await run("npm", ["install", ...NPM_QUIET, "--offline", clone], { cwd: folder });
  const command = join(folder, "node_modules/.bin/stepwell");
  const unbuilt = await run(command, ["--version"]).catch((error: { stderr: string }) => error);
  t.is(
    unbuilt.stderr,
    `error: Stepwell is not built yet. Build it: cd '${clone.replace("'", "'\\''")}/' && npm run build\n`,
  );
  symlinkSync(join(ROOT, "build"), join(clone, "build"));
  t.regex((await run(command, ["--version"])).stdout, /^\d+\.\d+\.\d+\n$/);
});

test("what another platform needs is there as a whole, or not at all", async (t) => {
  const { wholeFolder } = (await import(
    pathToFileURL(join(ROOT, "scripts/package/whole-folder.mjs")).href
  )) as {
    readonly wholeFolder: (folder: string, fill: (draft: string) => void) => void;
  };
  const folder = join(await scratchFolder(t), "part");
  const brokenOff = () =>
    wholeFolder(folder, (draft) => {
      writeFileSync(join(draft, "half"), "");
      throw new Error("no room");
    });
  t.throws(brokenOff, { message: "no room" });
  t.false(existsSync(folder));
  wholeFolder(folder, (draft) => writeFileSync(join(draft, "whole"), ""));
  wholeFolder(folder, () => t.fail("it is made once"));
  t.deepEqual(readdirSync(join(folder, "..")), ["part"]);
});
