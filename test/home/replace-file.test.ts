import { statSync } from "node:fs";
import test from "ava";
import { replaceFile, syncFolder } from "../../src/home/replace-file.js";
import { scratchFolder } from "../support/folder.js";

test("a folder of a file system that syncs files alone is taken as it is", async (t) => {
  const other = process.platform === "linux" ? "/proc/self" : await scratchFolder(t);
  await t.notThrowsAsync(syncFolder(other));
  await t.throwsAsync(syncFolder(`${await scratchFolder(t)}/none`), { code: "ENOENT" });
});

test("a file may be given to somebody else, who is then the only one that reads it", async (t) => {
  const file = `${await scratchFolder(t)}/file`;
  const isRoot = process.getuid?.() === 0;
  const [uid, gid] = isRoot ? [65_534, 65_534] : [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  await replaceFile(file, "text", { uid, gid });
  const found = statSync(file);
  t.deepEqual([found.uid, found.gid, found.mode & 0o777], [uid, gid, 0o600]);
});
