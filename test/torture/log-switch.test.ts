/** A power cut right after LevelDB began a new log, whose name is on no disk unless somebody puts it there. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import test from "ava";
import { Journal } from "../../src/journal/journal.js";
import { scratchFolder } from "../support/folder.js";
import { journalOptions } from "../support/journal-options.js";
import { cutPower } from "./power/cut.js";
import { canRecord, compileRecorder, recorded } from "./power/recorder.js";
import { randomOf } from "./random.js";

const WRITER = fileURLToPath(new URL("./power/log-switch-writer.js", import.meta.url));
const ALL = { points: 1e9, texts: 1e9, records: 1e9 };
/** About where the memory table of 8 MiB is full. */
const [FROM, TO] = [18, 23];

const testIfPossible = canRecord() || process.env["CI"] === "1" ? test : test.skip;

testIfPossible("what is acknowledged out of a log that has just begun outlives a power cut", async (t) => {
  t.timeout(300_000);
  const folder = await scratchFolder(t);
  const library = compileRecorder(folder);
  const seed = Date.now() % 2 ** 31;
  t.log(`seed ${seed}`);
  for (let last = FROM; last <= TO; last++) {
    const home = join(folder, `home-${last}`);
    mkdirSync(home);
    const places = {
      home,
      record: join(folder, `record-${last}`),
      graveyard: join(folder, `graveyard-${last}`),
    };
    const child = spawn(process.execPath, [WRITER, join(home, "journal")], {
      env: { ...process.env, ...recorded(library, places) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let acknowledged = 0;
    const exited = once(child, "exit");
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged = Number(line);
      if (acknowledged === last) child.kill("SIGKILL");
    }
    await exited;
    t.true(acknowledged >= last);
    cutPower(places, randomOf(seed, `cut ${last}`));
    const journal = await Journal.open(journalOptions(join(home, "journal")));
    t.true(
      (journal.totals(1)?.points ?? 0) >= (acknowledged * (acknowledged + 1)) / 2,
      `${acknowledged} acknowledged`,
    );
    t.is((await journal.read(1, 0, ALL)).length > 0, true);
    await journal.close();
  }
});
