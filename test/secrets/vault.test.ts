import { readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { openVault } from "../../src/secrets/vault.js";
import { scratchFolder } from "../support/folder.js";

const DAMAGED = { code: "STEPWELL_VAULT_DAMAGED" };
const CANARY = "canary-3f9c1b";

test("what is written is read back, by this user alone and not in the clear", async (t) => {
  const folder = join(await scratchFolder(t), "vault");
  const vault = openVault(folder);
  await vault.write("one", CANARY);
  await vault.write("two", "x".repeat(64 * 1024));
  t.is(await openVault(folder).read("one"), CANARY);
  t.is((await vault.read("two")).length, 64 * 1024);
  t.is((await stat(folder)).mode & 0o777, 0o700);
  const files = await readdir(folder);
  t.deepEqual(files.sort(), ["key", "one.age", "two.age"]);
  for (const file of files) {
    t.is((await stat(join(folder, file))).mode & 0o777, 0o600, file);
    const bytes = await readFile(join(folder, file));
    t.false(bytes.includes(CANARY) || bytes.includes(Buffer.from(CANARY).toString("base64")), file);
  }
  await vault.remove("one");
  await vault.remove("one");
  await t.throwsAsync(vault.read("one"), DAMAGED);
});

test("a file that is cut off, of another item or of another key is damaged, and its error shows nothing", async (t) => {
  const folder = join(await scratchFolder(t), "vault");
  const vault = openVault(folder);
  for (const item of ["cut", "moved", "other"]) await vault.write(item, CANARY);
  const file = (item: string) => join(folder, `${item}.age`);
  const whole = await readFile(file("cut"));
  await writeFile(file("cut"), whole.subarray(0, -1));
  await rename(file("moved"), file("elsewhere"));
  for (const item of ["cut", "moved", "elsewhere"]) {
    const error = await t.throwsAsync(vault.read(item), DAMAGED, item);
    t.false(`${error?.message}${error?.stack}`.includes(CANARY));
  }
  t.is(await vault.read("other"), CANARY);
});

test("a lost key is told, and no other is made in its place", async (t) => {
  const folder = join(await scratchFolder(t), "vault");
  const vault = openVault(folder);
  t.deepEqual(await vault.state(), { kind: "ready" });
  await vault.write("one", CANARY);
  await rm(join(folder, "key"));
  await t.throwsAsync(vault.read("one"), { ...DAMAGED, message: /key of the vault/ });
  await t.throwsAsync(vault.write("two", CANARY), DAMAGED);
  t.like(await vault.state(), { kind: "absent" });
  t.deepEqual(await readdir(folder), ["one.age"]);
});
