/** Power cuts while names of LevelDB's files are on no disk, unless somebody puts them there. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { Journal } from "../../src/journal/journal.js";
import { scratchFolder } from "../support/folder.js";
import { journalOptions } from "../support/journal-options.js";
import { cutPower, type RecordPlaces } from "./power/cut.js";
import { canRecord, compiledRecorder, recorded } from "./power/recorder.js";
import { randomOf } from "./random.js";

const WRITER = fileURLToPath(new URL("./power/journal-writer.js", import.meta.url));

const testIfPossible = canRecord() || process.env["CI"] === "1" ? test : test.skip;

async function setUp(t: ExecutionContext) {
  t.timeout(1_200_000);
  const folder = await scratchFolder(t);
  const library = compiledRecorder();
  const seed = Date.now() % 2 ** 31;
  t.log(`seed ${seed}`);
  const placesOf = (name: string): RecordPlaces => {
    const home = join(folder, name);
    mkdirSync(home);
    return { home, record: `${home}-record`, graveyard: `${home}-graveyard` };
  };
  return {
    placesOf,
    /** Writes until it said so many points; answers how many it said. */
    write: async (places: RecordPlaces, args: readonly string[], until: number): Promise<number> => {
      const child = spawn(process.execPath, [WRITER, join(places.home, "journal"), ...args], {
        env: { ...process.env, ...recorded(library, places) },
        stdio: ["ignore", "pipe", "inherit"],
      });
      const exited = once(child, "exit");
      let said = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        said = Number(line);
        if (said >= until) child.kill("SIGKILL");
      }
      await exited;
      return said;
    },
    /** Cuts the power; answers how many points are there then. */
    pointsAfterCut: async (places: RecordPlaces): Promise<number> => {
      cutPower(places, randomOf(seed, places.home));
      const journal = await Journal.open(journalOptions(join(places.home, "journal")));
      const points = journal.totals(1)?.points ?? 0;
      await journal.close();
      return points;
    },
  };
}

testIfPossible("what is acknowledged out of a log that has just begun outlives a power cut", async (t) => {
  const { placesOf, write, pointsAfterCut } = await setUp(t);
  // About where the memory table of 8 MiB is full.
  for (let last = 18; last <= 23; last++) {
    const places = placesOf(`home-${last}`);
    const said = await write(places, ["400000"], last);
    t.true(said >= last);
    const points = await pointsAfterCut(places);
    t.true(points >= said, `${said} acknowledged, ${points} there`);
  }
});

testIfPossible(
  "what a daemon found and said after a kill is there after a power cut, synced before or not",
  async (t) => {
    const { placesOf, write, pointsAfterCut } = await setUp(t);
    for (let round = 0; round < 6; round++) {
      const places = placesOf(`home-${round}`);
      await write(places, ["100", "unsynced"], 20);
      const said = await write(places, ["100"], 1);
      t.true(said >= 20, "it is still in the kernel's memory");
      const points = await pointsAfterCut(places);
      t.true(points >= said, `${said} said, ${points} there`);
    }
  },
);
