import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import fc from "fast-check";
import { Journal } from "../../src/journal/journal.js";
import { HELD_TIMES_MAX, segmentsToShrink } from "../../src/journal/segment-shrink.js";
import { SEGMENT_BYTES_MAX } from "../../src/model/limits.js";
import { appendPoints } from "../support/append.js";
import { scratchFolder } from "../support/folder.js";
import { journalOptions } from "../support/journal-options.js";
import { until } from "../support/until.js";

const ALL = { points: 1e9, texts: 1e9, records: 1e9 };
const [STUCK, MOVING] = [1, 2];

test("a segment is written anew without a run only once it is on disk that the run is released", async (t) => {
  let secured = 0;
  let canSecure = false;
  const journal = await Journal.open(
    journalOptions(await scratchFolder(t), {
      secure: async () => {
        if (!canSecure) throw new Error("the disk does not take it now");
        secured += 1;
      },
      quotaBytes: 2 ** 40,
    }),
  );
  for (let round = 0; round < 11; round++) {
    await appendPoints(journal, STUCK, { bytes: 1_000 });
    await appendPoints(journal, MOVING, { bytes: SEGMENT_BYTES_MAX });
  }
  journal.release(MOVING, Number.MAX_SAFE_INTEGER);
  await sleep(1_500);
  t.is((await journal.read(MOVING, 0, { ...ALL, records: 1 })).length, 0, "released is not to be read");
  const bytes = journal.bytes;
  t.true(bytes > 10 * SEGMENT_BYTES_MAX, "nothing goes before");
  canSecure = true;
  await until(
    `half of ${bytes} bytes`,
    () => {
      journal.release(MOVING, Number.MAX_SAFE_INTEGER);
      return journal.bytes;
    },
    (seen) => seen <= bytes / 2,
  );
  t.true(secured > 0);
  t.is((await journal.read(STUCK, 0, ALL)).length, 1);
  await journal.close();
});

test("the journal holds little more than what is needed, the newest segments aside, by as few copies as that takes", (t) => {
  const segment = fc
    .record({
      bytes: fc.integer({ min: 1, max: SEGMENT_BYTES_MAX }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ bytes, share }) => {
      const needed = Math.floor(bytes * share);
      return { bytes, needed, isDamaged: false, neededBytes: () => needed };
    });
  const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);
  const holds = fc.property(fc.array(segment, { maxLength: 60 }), (all) => {
    const shrunk = segmentsToShrink(all, 0);
    const excessWith = (some: readonly (typeof all)[number][]) =>
      sum(all.map((each) => (some.includes(each) ? each.needed : each.bytes) - HELD_TIMES_MAX * each.needed));
    return (
      shrunk.every(
        (each) => each.needed * HELD_TIMES_MAX < each.bytes && all.indexOf(each) < all.length - 2,
      ) &&
      excessWith(shrunk) <= 2 * SEGMENT_BYTES_MAX &&
      (shrunk.length === 0 || excessWith(shrunk.slice(0, -1)) > 0)
    );
  });
  const { failed, seed, counterexample } = fc.check(holds);
  t.false(failed, `seed ${seed}: ${JSON.stringify(counterexample)}`);
});
