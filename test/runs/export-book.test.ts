import test from "ava";
import { ExportBook, type ExportedLane } from "../../src/runs/export-book.js";
import { openStore } from "../../src/store/store.js";
import { scratchFolder } from "../support/folder.js";

const [RUN, TRACKER] = ["ab".repeat(16), "cd".repeat(16)];

function through(seq: number): ExportedLane {
  const left = { homeId: "e".repeat(32), incarnation: "1".repeat(32), seq };
  return { runId: RUN, trackerId: TRACKER, through: { seq, points: seq, bytes: seq }, left };
}

test("a receipt that comes while the next bundle is begun does not make it forgotten", async (t) => {
  const store = await openStore(await scratchFolder(t));
  t.teardown(() => store.close());
  const book = await ExportBook.open(store, () => true);
  await book.begin([through(10)]);
  await book.complete(1, [through(10)]);
  const beginning = book.begin([through(20)]);
  await book.confirmed(RUN, TRACKER, 10);
  await beginning;
  const again = await ExportBook.open(store, () => true);
  for (const each of [book, again]) t.is(each.exportedSeq(RUN, TRACKER), 20);
  await book.confirmed(RUN, TRACKER, 20);
  t.is((await ExportBook.open(store, () => true)).of(RUN, TRACKER), undefined);
});
