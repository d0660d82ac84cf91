import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { Journal } from "../../src/journal/journal.js";
import { appendPoints } from "../support/append.js";
import { scratchFolder } from "../support/folder.js";
import { journalOptions } from "../support/journal-options.js";

const SOURCE = join(fileURLToPath(new URL("../../../", import.meta.url)), "test/journal/bad-block.c");
const READER = fileURLToPath(new URL("./journal-reader.js", import.meta.url));
const SALVAGER = fileURLToPath(new URL("./damage-reader.js", import.meta.url));
const BYTES = 100_000;

const isPossible = process.platform === "linux" && spawnSync("cc", ["--version"]).status === 0;
if (!isPossible) console.error("A disk with a bad block is simulated with Linux and a C compiler (cc) only.");
const testIfPossible = isPossible || process.env["CI"] === "1" ? test : test.skip;

/** Four records in each of two segments, those of the first in a table; answers its path and content. */
async function filled(folder: string): Promise<{ table: string; bytes: Buffer }> {
  for (const first of [1, 5]) {
    const journal = await Journal.open(journalOptions(folder));
    for (let points = first; points < first + 4; points++) {
      await appendPoints(journal, 1, { points, bytes: BYTES });
    }
    await journal.close();
  }
  const name = readdirSync(`${folder}/00000001`).find((each) => each.endsWith(".ldb"));
  const table = `${folder}/00000001/${name}`;
  return { table, bytes: readFileSync(table) };
}

const PLACES = [
  // Opening it needs the end; the last record reaches into that block.
  {
    where: "end of a table",
    placeOf: (bytes: Buffer) => bytes.length - 10,
    salvaged: [1, 2, 3],
  },
  // Opening it does not touch what is neither first nor last.
  {
    where: "middle of a table",
    placeOf: (bytes: Buffer) => bytes.indexOf(Buffer.alloc(BYTES, 2)) + BYTES / 2,
    salvaged: [1, 3, 4],
  },
];

for (const { where, placeOf, salvaged } of PLACES) {
  testIfPossible(
    `a block that the disk does not give at the ${where} ends the process once, and costs no more than itself`,
    async (t) => {
      t.timeout(600_000);
      const folder = await scratchFolder(t);
      const library = `${folder}/bad-block.so`;
      const args = ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"];
      const { status, stderr } = spawnSync("cc", args, { encoding: "utf8" });
      t.is(status, 0, stderr);
      const journal = `${folder}/journal`;
      const { table, bytes } = await filled(journal);
      const run = (program: string, file: string) =>
        spawnSync(process.execPath, [program, journal], {
          env: { ...process.env, LD_PRELOAD: library, BAD_FILE: file, BAD_AT: `${placeOf(bytes)}` },
          encoding: "utf8",
        });
      t.is(run(READER, table).signal, "SIGSEGV");
      t.true(existsSync(`${journal}/00000001/open`), "it says what it had open");
      t.deepEqual(JSON.parse(run(READER, table).stdout), { points: [5, 6, 7, 8], damaged: 1 });
      const kept = table.replace("00000001", "00000001.damaged");
      t.deepEqual(readFileSync(kept), bytes);
      const read = run(SALVAGER, kept);
      t.deepEqual(JSON.parse(read.stdout), { points: salvaged, unreadable: 1 }, read.stderr);
    },
  );
}
