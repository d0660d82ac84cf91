import { readdir, stat, symlink, writeFile } from "node:fs/promises";
import test from "ava";
import { makeFolder } from "../../src/home/durable-folder.js";
import { makeFolder as makeFolderSync } from "../../src/sinks/mlflow-sqlite/folder.js";
import { scratchFolder } from "../support/folder.js";

const WAYS = [
  ["the home's", makeFolder],
  ["a database's", async (folder: string) => makeFolderSync(folder)],
] as const;

for (const [whose, make] of WAYS) {
  test(`${whose} folder is made with those above it, for this user alone, also through a link`, async (t) => {
    const folder = await scratchFolder(t);
    await make(`${folder}/a/b/c`);
    await symlink(`${folder}/a`, `${folder}/link`);
    await Promise.all([make(`${folder}/link/b/d`), make(`${folder}/link/b/d`)]);
    t.deepEqual(await readdir(`${folder}/a/b`), ["c", "d"]);
    t.is((await stat(`${folder}/a`)).mode & 0o777, 0o700);
  });

  test(`${whose} folder that can't be made is an error, and not a wait without end`, async (t) => {
    const folder = await scratchFolder(t);
    await writeFile(`${folder}/file`, "");
    await t.throwsAsync(make(`${folder}/file`), { code: "EEXIST" });
    await t.throwsAsync(make(`${folder}/file/x`), { message: /EEXIST|ENOTDIR/ });
    if (process.platform === "linux") await t.throwsAsync(make("/proc/nope/x"), { code: "ENOENT" });
  });
}
