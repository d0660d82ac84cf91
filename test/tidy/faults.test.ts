/** docs/faults.md names the tests that show each fault: they have to be there, under these titles. */
import { existsSync, readFileSync } from "node:fs";
import test from "ava";

const SHOWN_BY = /`([a-z0-9-]+\/[a-z0-9-]+)`((?:,? "[^"]+")*)/g;

test("each test that docs/faults.md names is there", (t) => {
  const rows = readFileSync("docs/faults.md", "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| ") && line.split(" | ").length === 3);
  const named = rows.flatMap((row) => [...(row.split(" | ")[2] ?? "").matchAll(SHOWN_BY)]);
  for (const [, name = "", titles = ""] of named) {
    const file = `test/${name}.test.ts`;
    if (!existsSync(file)) {
      t.fail(`docs/faults.md names ${name}, and there is no ${file}`);
      continue;
    }
    const source = readFileSync(file, "utf8");
    for (const [, title = ""] of titles.matchAll(/"([^"]+)"/g)) {
      const isThere = title.split("…").every((part) => source.includes(part));
      t.true(isThere, `docs/faults.md names ${name} "${title}", which is no title there`);
    }
  }
  t.true(named.length > 40, `${named.length} tests are named`);
});
