import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import test from "ava";
import { FileReader } from "../../../src/sinks/mlflow-sqlite/file-state.js";
import { scratchFolder } from "../../support/folder.js";
import { change, holdLock } from "./database.js";

/** Whether another process gets the lock. */
function canLock(path: string): boolean {
  const module = new URL("./database.js", import.meta.url).href;
  const script = `const { holdLock } = await import(${JSON.stringify(module)}); holdLock(process.argv[1])();`;
  const args = ["--input-type=module", "-e", script, path];
  return spawnSync(process.execPath, args, { stdio: "ignore" }).status === 0;
}

test("a look at a database's file leaves the locks on it alone; to open and close it would not", async (t) => {
  t.timeout(120_000);
  const path = `${await scratchFolder(t)}/a.db`;
  change(path, "CREATE TABLE one (a)");
  const reader = new FileReader(path);
  const letGo = holdLock(path);
  const first = reader.read();
  t.deepEqual(reader.read(), first);
  t.false(canLock(path), "the lock is held");
  // What the reader has to avoid.
  closeSync(openSync(path, "r"));
  t.true(canLock(path), "and is gone once any descriptor of the file was closed");
  letGo();
  reader.close();
  change(path, "INSERT INTO one VALUES (1)");
  t.true((reader.read()?.counter ?? 0) > (first?.counter ?? 0), "SQLite counts what it changes");
  reader.close();
});
