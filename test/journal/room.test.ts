import test from "ava";
import { quotaFault, roomFault } from "../../src/journal/room.js";

const GB = 1_000_000_000;

test("a quota that the volume has no room for is told, with what it has room for", (t) => {
  const volume = { totalBytes: 100 * GB, freeBytes: 10 * GB };
  t.is(quotaFault(0, 9 * GB, volume), undefined);
  t.regex(quotaFault(0, 20 * GB, volume) ?? "", /quota is 20\.0 GB, and its volume has room for 9\.7 GB/);
  // What the journal holds already takes nothing more of the volume.
  t.is(quotaFault(11 * GB, 20 * GB, volume), undefined);
  t.regex(quotaFault(0, GB, { totalBytes: 100 * GB, freeBytes: 0 }) ?? "", /room for 0 B/);
});

test("the journal may grow up to its quota, and not into the headroom of its volume", (t) => {
  const volume = { totalBytes: 100 * GB, freeBytes: 10 * GB };
  t.is(roomFault(GB - 1, GB, volume), undefined);
  t.like(roomFault(GB, GB, volume), { code: "STEPWELL_JOURNAL_FULL" });
  t.like(roomFault(0, GB, { ...volume, freeBytes: 200_000_000 }), { code: "STEPWELL_JOURNAL_FULL" });
});
