/**
 * Opens a journal, says how many points it holds, and appends records of so many bytes, saying of each the
 * points with it. The third argument, "unsynced", has LevelDB sync nothing, as before a kill between write and sync.
 */
import { writeSync } from "node:fs";
import { Level } from "level";
import { Journal } from "../../../src/journal/journal.js";
import { appendPoints } from "../../support/append.js";
import { journalOptions } from "../../support/journal-options.js";

const [folder = "", bytes = "", mode] = process.argv.slice(2);
const journal = await Journal.open(journalOptions(folder));
if (mode === "unsynced") {
  const make = Reflect.get(Level.prototype, "batch") as (this: Level) => ReturnType<Level["batch"]>;
  Reflect.set(Level.prototype, "batch", function (this: Level) {
    const batch = make.call(this);
    const write = batch.write.bind(batch);
    return Object.assign(batch, { write: () => write({ sync: false }) });
  });
}
const say = () => writeSync(1, `${journal.totals(1)?.points ?? 0}\n`);
say();
for (;;) {
  await appendPoints(journal, 1, { bytes: Number(bytes) });
  say();
}
