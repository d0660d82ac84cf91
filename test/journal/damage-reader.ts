/** Reads what can be read of the damaged segment of a journal: the points of its records, and how many can't be read. */
import { readDamaged } from "../../src/journal/damaged-segment.js";

const { records, unreadable } = await readDamaged(process.argv[2] ?? "", "00000001.damaged");
process.stdout.write(
  JSON.stringify({ points: records.map(({ points }) => points), unreadable: unreadable.length }),
);
