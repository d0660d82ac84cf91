/** The simulated power cut itself: after a sync that failed another one brings nothing to the disk. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { scratchFolder } from "../support/folder.js";
import { cutPower } from "./power/cut.js";
import { canRecord, compiledRecorder, recorded, troubled } from "./power/recorder.js";
import { randomOf } from "./random.js";

const WRITER = fileURLToPath(new URL("./power/sync-again-writer.js", import.meta.url));
const ROUNDS = 8;

const testIfPossible = canRecord() || process.env["CI"] === "1" ? test : test.skip;

/** How many of the lines that are said to be kept a power cut takes away. */
function linesLost(folder: string, library: string, round: number, oneIn: number): number {
  const home = join(folder, `home-${oneIn}-${round}`);
  mkdirSync(home);
  const places = { home, record: `${home}-record`, graveyard: `${home}-graveyard` };
  const file = join(home, "journal", "lines");
  const env = { ...process.env, ...recorded(library, places), ...troubled("EIO", oneIn) };
  const { stdout } = spawnSync(process.execPath, [WRITER, file], { env, encoding: "utf8" });
  cutPower(places, randomOf(round, "lines"));
  const found = readFileSync(file).filter((byte) => byte === 0x78).length;
  return Number(stdout) - found;
}

testIfPossible("who syncs again after a sync that failed loses what it said to be kept", async (t) => {
  const folder = await scratchFolder(t);
  const library = compiledRecorder();
  const losses = Array.from({ length: ROUNDS }, (_, round) => linesLost(folder, library, round, 10));
  t.true(Math.max(...losses) > 0, losses.join());
  t.is(linesLost(folder, library, 0, 1_000_000), 0, "where no sync fails all is there");
});
