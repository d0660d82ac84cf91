import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import test, { type ExecutionContext } from "ava";
import { scratchFolder } from "./folder.js";

const isRoot = process.getuid?.() === 0;

/** AVA's `test` where a test may mount volumes; elsewhere a loud `test.skip`, and with CI=1 `test`, which then fails. */
export function testWithVolumes(): typeof test | typeof test.skip {
  if (isRoot) return test;
  console.error("Only root may mount a small volume: what a full disk does is not tried.");
  return process.env["CI"] === "1" ? test : test.skip;
}

/** A volume of so many kB for a test, gone when it is over. */
export async function volume(t: ExecutionContext, kilobytes: number): Promise<string> {
  const folder = `${await scratchFolder(t)}/volume`;
  mkdirSync(folder);
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", folder]);
  t.teardown(() => execFileSync("umount", ["-l", folder]));
  return folder;
}

/** Makes a mounted volume read-only. */
export function makeReadOnly(folder: string): void {
  execFileSync("mount", ["-o", "remount,ro", folder]);
}

/** Takes the rest of a volume, until not even a byte fits. The file to remove is called fill. */
export function fill(folder: string): void {
  for (const bytes of [1 << 20, 1 << 12, 1]) {
    try {
      for (;;) writeFileSync(`${folder}/fill`, Buffer.alloc(bytes), { flag: "a" });
    } catch {
      // Full, to so many bytes.
    }
  }
}
