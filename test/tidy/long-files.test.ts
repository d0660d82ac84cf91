import test from "ava";
import { LINES_MAX, type LongFile, lengthFaultsOf, longFiles } from "./long-files.js";
import { parseSource, readSources } from "./source.js";

test("every file is short, or named with its reason and no longer than it was", (t) => {
  const sources = readSources(["src", "test", "scripts", "clients/typescript"]);
  t.true(sources.length >= 20, `looked at ${sources.length} files`);
  t.deepEqual(lengthFaultsOf(sources, longFiles), []);
});

const path = "src/model/planted.ts";
const exception = (lines: number, more: Partial<LongFile> = {}): LongFile => ({
  ...{ path, lines, reason: "one table" },
  ...more,
});
const planted: readonly { why: string; lines: number; exceptions: LongFile[]; fault: RegExp }[] = [
  { why: "is long and not named", lines: LINES_MAX + 1, exceptions: [], fault: /301 lines; above 300/ },
  { why: "grew", lines: 321, exceptions: [exception(320)], fault: /grew from 320 to 321/ },
  { why: "fell", lines: 319, exceptions: [exception(320)], fault: /fell to 319/ },
  {
    why: "needs no exception any more",
    lines: LINES_MAX,
    exceptions: [exception(320)],
    fault: /300 lines need no exception/,
  },
  {
    why: "is named without a reason",
    lines: 320,
    exceptions: [exception(320, { reason: "" })],
    fault: /without a reason/,
  },
  {
    why: "is named and gone",
    lines: 1,
    exceptions: [exception(320, { path: "src/model/gone.ts" })],
    fault: /gone\.ts: named, and not there/,
  },
];

for (const { why, lines, exceptions, fault } of planted) {
  test(`the ratchet catches a file that ${why}`, (t) => {
    const source = parseSource(path, "export {};\n".repeat(lines));
    const faults = lengthFaultsOf([source], exceptions);
    t.is(faults.length, 1, faults.join("\n"));
    t.regex(faults[0] ?? "", fault);
  });
}

test("the ratchet leaves alone a file of 300 lines and one that is as long as it is named", (t) => {
  const short = parseSource("src/model/short.ts", "export {};\n".repeat(LINES_MAX));
  const long = parseSource(path, "export {};\n".repeat(320));
  t.deepEqual(lengthFaultsOf([short, long], [exception(320)]), []);
});
