/** Opens a journal, reads all of run 1, and says what is there: the records' points, and the segments that are damaged. */
import { Journal } from "../../src/journal/journal.js";
import { journalOptions } from "../support/journal-options.js";

const journal = await Journal.open(journalOptions(process.argv[2] ?? ""));
const points: number[] = [];
for (let seq = 0; ; ) {
  const records = await journal.read(1, seq, { points: 1e9, texts: 1e9, records: 1 });
  const last = records.at(-1);
  if (!last) break;
  points.push(...records.map((record) => record.points));
  seq = last.seq;
}
process.stdout.write(JSON.stringify({ points, damaged: journal.damagedSegments }));
process.kill(process.pid, "SIGKILL");
