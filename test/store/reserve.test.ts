import { existsSync, rmSync, statSync, truncateSync } from "node:fs";
import test from "ava";
import { Journal } from "../../src/journal/journal.js";
import { Reserve } from "../../src/store/reserve.js";
import { openStore } from "../../src/store/store.js";
import { TABLES } from "../../src/store/tables.js";
import { appendPoints } from "../support/append.js";
import { scratchFolder } from "../support/folder.js";
import { journalOptions } from "../support/journal-options.js";
import { until } from "../support/until.js";
import { fill, testWithVolumes, volume } from "../support/volume.js";

const BYTES = 12 * 1024 * 1024;
const ALL = { points: 1e9, texts: 1e9, records: 1e9 };

test("the reserve takes its room for its owner alone, whole, once, and gives it back", async (t) => {
  const file = `${await scratchFolder(t)}/reserve`;
  const reserve = new Reserve(file, 3_000_000);
  t.false(await reserve.release(), "there is none yet");
  await Promise.all([reserve.fill(), reserve.fill()]);
  t.is(statSync(file).size, 3_000_000);
  t.is(statSync(file).mode & 0o777, 0o600);
  truncateSync(file, 1_000);
  await reserve.fill();
  t.is(statSync(file).size, 3_000_000, "one that a kill cut off is made again");
  t.true(await reserve.release());
  t.false(existsSync(file));
  t.false(await reserve.release());
});

testWithVolumes()("where there is little room no reserve is made", async (t) => {
  const folder = await volume(t, 24_000);
  const reserve = new Reserve(`${folder}/reserve`, BYTES);
  await reserve.fill();
  t.false(existsSync(`${folder}/reserve`));
});

testWithVolumes()(
  "on a full disk the reserve lets the state store be written and the journal be read",
  async (t) => {
    const folder = await volume(t, 150_000);
    const reserve = new Reserve(`${folder}/reserve`, BYTES);
    await reserve.fill();
    t.true(existsSync(`${folder}/reserve`));
    const makeRoom = () => reserve.release();
    const store = await openStore(`${folder}/state`, makeRoom);
    await store.write([{ table: TABLES.component, key: "before", value: "x" }], { sync: true });
    const options = journalOptions(`${folder}/journal`, { makeRoom });
    const journal = await Journal.open(options);
    await appendPoints(journal, 1, { bytes: 3_000_000 });
    fill(folder);
    await t.throwsAsync(appendPoints(journal, 1, { bytes: 3_000_000 }), { message: /No space left/i });
    await until(
      "the journal is open again",
      () => journal.failure,
      (failure) => failure === undefined,
    );
    t.false(existsSync(`${folder}/reserve`), "by the reserve");
    t.is((await journal.read(1, 0, ALL)).length, 1);
    await journal.close();
    // Again, for the state store alone.
    rmSync(`${folder}/fill`);
    await reserve.fill();
    fill(folder);
    const write = () =>
      store.write([{ table: TABLES.component, key: "during", value: "y".repeat(100_000) }], { sync: true });
    await t.throwsAsync(write(), { code: "STEPWELL_DISK_FULL" });
    await write();
    await store.close();
    const again = await openStore(`${folder}/state`, makeRoom);
    t.deepEqual(
      (await again.list(TABLES.component)).map(({ key }) => key),
      ["before", "during"],
    );
    await again.close();
  },
);
