/** A folder of the home with the `stepwell` command that runs now, for the PATH of programs that it starts. */
import { randomBytes } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { makeFolder } from "../../home/durable-folder.js";
import { posixWord } from "../../model/shell-word.js";
import type { Context } from "../context.js";
import { PATH_ELSE } from "./find-program.js";

/** The PATH on which `stepwell` is this command, and all else is as it was; nothing where there can be no such folder. */
export async function commandOnPath({ env, paths, program }: Context): Promise<{ readonly PATH?: string }> {
  const folder = join(paths.home, "bin");
  if (process.platform === "win32" || folder.includes(delimiter)) return {};
  try {
    await writeCommand(folder, `#!/bin/sh\nexec ${program.map(posixWord).join(" ")} "$@"\n`);
  } catch {
    // As on a disk that is full or read-only: the program is to run all the same.
    return {};
  }
  return { PATH: `${folder}${delimiter}${env["PATH"] ?? PATH_ELSE}` };
}

async function writeCommand(folder: string, script: string): Promise<void> {
  const file = join(folder, "stepwell");
  if ((await readFile(file, "utf8").catch(() => "")) === script) return;
  await makeFolder(folder);
  // Another run may be about to use it: it is whole and can be run from the moment that it is there.
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  await writeFile(draft, script, { mode: 0o700, flag: "wx" });
  await rename(draft, file);
}
