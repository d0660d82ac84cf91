/** Appends records to a journal, large enough to begin a new log soon, and says of each that it is journaled. */
import { writeSync } from "node:fs";
import { Journal } from "../../../src/journal/journal.js";
import { journalOptions } from "../../support/journal-options.js";

const BYTES = 400_000;
const journal = await Journal.open(journalOptions(process.argv[2] ?? ""));
for (let points = 1; ; points++) {
  const header = { points, params: 0, tags: 0, startsRun: false, endsRun: false, receivedMs: 1 };
  await new Promise<void>((resolve, reject) => {
    const record = { run: 1, header, payload: new Uint8Array(BYTES) };
    journal.append([record], undefined, { journaled: resolve, failed: reject });
  });
  writeSync(1, `${points}\n`);
}
