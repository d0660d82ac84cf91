/** What packages are made of, and the folder of a clone as a package. */
import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
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

test("a clone that is built has the command where npm's are", async (t) => {
  const command = join(ROOT, "node_modules/.bin/stepwell");
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

test("a native part that is not what the lockfile says is refused", async (t) => {
  const folder = await scratchFolder(t);
  const clone = join(folder, "clone");
  for (const name of ["scripts", "package.json", "package-lock.json"])
    cpSync(join(ROOT, name), join(clone, name), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(clone, "node_modules"));
  // One that no platform has of its own accord.
  const name = "@libsql/of-nowhere";
  const path = `node_modules/${name}`;
  const lockfile = JSON.parse(readFileSync(join(clone, "package-lock.json"), "utf8")) as {
    packages: Record<string, { version: string; integrity: string }>;
  };
  mkdirSync(join(folder, "package"));
  writeFileSync(join(folder, "package/index.node"), "not what was promised");
  const sent = join(folder, "sent.tgz");
  await run("tar", ["-czf", sent, "-C", folder, "package"]);
  writeFileSync(join(folder, "npm"), `#!/bin/sh\ncp '${sent}' "$4" && echo sent.tgz\n`, { mode: 0o755 });
  const fetched = (content: string | Buffer) => {
    const hash = createHash("sha512").update(content).digest("base64");
    lockfile.packages[path] = { version: "1.0.0", integrity: `sha512-${hash}` };
    writeFileSync(join(clone, "package-lock.json"), JSON.stringify(lockfile));
    const program = `import { fetchNative } from "./scripts/package/vendored.mjs"; fetchNative([{ native: ["${name}"] }]);`;
    return spawnSync(process.execPath, ["--input-type=module", "-e", program], {
      ...{ cwd: clone, encoding: "utf8", env: { ...process.env, PATH: `${folder}:${process.env["PATH"]}` } },
    });
  };
  const unpacked = join(clone, ".cache/unpacked/@libsql+of-nowhere-1.0.0");
  t.regex(
    fetched("what was promised").stderr,
    /Error: @libsql\/of-nowhere@1\.0\.0 is not what the lockfile says\./,
  );
  t.false(existsSync(unpacked));
  t.is(fetched(readFileSync(sent)).stderr, "");
  t.deepEqual(readdirSync(join(unpacked, "package")), ["index.node"]);
});

const ELF = "7f454c46";
const isElf = (machine: string) => (hex: string) => hex.startsWith(ELF) && hex.slice(36, 40) === machine;
const X64 = isElf("3e00");
const ARM64 = isElf("b700");
/** Mach-O of one processor, or of several. */
const isMac = (processor: string) => (hex: string) =>
  hex.startsWith(`cffaedfe${processor}000001`) || hex.startsWith("cafebabe");
const isWindows = (hex: string) => hex.startsWith("4d5a");

/** Each wheel's tag, and what the machine code in it has to be. */
const WHEELS: Readonly<Record<string, (hex: string) => boolean>> = {
  manylinux_2_28_x86_64: X64,
  musllinux_1_2_x86_64: X64,
  manylinux_2_28_aarch64: ARM64,
  macosx_14_0_x86_64: isMac("07"),
  macosx_14_0_arm64: isMac("0c"),
  win_amd64: isWindows,
};

test("there is a wheel for each platform that the guide names, with the native parts of it alone", async (t) => {
  const { PLATFORMS } = (await loaded("platforms")) as { PLATFORMS: Readonly<Record<string, Platform>> };
  const { fetchNative, vendoredFiles } = (await loaded("vendored")) as {
    fetchNative: (platforms: readonly Platform[]) => void;
    vendoredFiles: (platform: Platform) => Vendored[];
  };
  fetchNative(Object.values(PLATFORMS));
  t.deepEqual(
    Object.values(PLATFORMS).map(({ tag }) => tag),
    Object.keys(WHEELS),
  );
  for (const platform of Object.values(PLATFORMS)) {
    const native = vendoredFiles(platform).filter(({ name }) => name.endsWith(".node"));
    const packages = ["classic-level", ...platform.native].map((name) => `node_modules/${name}/`);
    t.is(native.length, packages.length, platform.tag);
    for (const folder of packages) {
      const part = native.find(({ name }) => name.startsWith(folder));
      const isIts = WHEELS[platform.tag]?.(part?.data.subarray(0, 20).toString("hex") ?? "");
      t.true(isIts, `${platform.tag}: ${part?.name ?? folder}`);
    }
  }
});

interface Platform {
  readonly tag: string;
  readonly native: readonly string[];
}

interface Vendored {
  readonly name: string;
  readonly data: Buffer;
}

async function loaded(part: string): Promise<unknown> {
  return await import(pathToFileURL(join(ROOT, `scripts/package/${part}.mjs`)).href);
}
