import test from "ava";
import { byFile, byFolder, byRoom, circlesOf, graphOf, type PartOf } from "./circles.js";
import { parseSource, readSources } from "./source.js";

const sources = readSources(["src"]);

test("no file of src/ reaches itself through its imports", (t) => {
  const graph = graphOf(sources, byFile);
  t.true(graph.size >= 20, `looked at ${graph.size} files`);
  t.deepEqual(circlesOf(graph), []);
});

test("no folder of src/ reaches itself, nor does a folder inside one through those beside it", (t) => {
  const folders = graphOf(sources, byFolder);
  const imports = [...folders.values()].reduce((sum, reached) => sum + reached.size, 0);
  t.true(folders.size >= 10 && imports >= 20, `looked at ${imports} arrows between ${folders.size} folders`);
  t.deepEqual(circlesOf(folders), []);
  t.deepEqual(circlesOf(graphOf(sources, byRoom)), []);
});

const planted: readonly { why: string; partOf: PartOf; files: Record<string, string>; found: string[][] }[] =
  [
    {
      why: "two files, where one needs a type only",
      partOf: byFile,
      files: {
        "src/model/a.ts": 'import type { B } from "./b.js";',
        "src/model/b.ts": 'export { a } from "./a.js";',
      },
      found: [["src/model/a.ts", "src/model/b.ts"]],
    },
    {
      why: "three files, and leaves alone what only leads there",
      partOf: byFile,
      files: {
        "src/model/a.ts": 'import "./b.js";',
        "src/model/b.ts": 'import "./c.js";\nimport "./d.js";',
        "src/model/c.ts": 'import "./a.js";',
        "src/model/d.ts": 'import "node:fs";',
        "src/model/e.ts": 'import "./a.js";',
      },
      found: [["src/model/a.ts", "src/model/b.ts", "src/model/c.ts"]],
    },
    {
      why: "two folders whose files have none",
      partOf: byFolder,
      files: {
        "src/store/a.ts": 'import "../journal/a.js";',
        "src/journal/b.ts": 'import "../store/b.js";',
      },
      found: [["src/journal", "src/store"]],
    },
    {
      why: "two folders inside a folder, not the file above them",
      partOf: byRoom,
      files: {
        "src/cli/main.ts": 'import "./input/a.js";',
        "src/cli/input/a.ts": 'import "../output/a.js";\nimport "../main.js";',
        "src/cli/output/b.ts": 'import "../input/b.js";',
      },
      found: [["src/cli/input", "src/cli/output"]],
    },
  ];

for (const { why, partOf, files, found } of planted) {
  test(`the search finds ${why}`, (t) => {
    const parsed = Object.entries(files).map(([path, text]) => parseSource(path, text));
    t.deepEqual(circlesOf(graphOf(parsed, partOf)), found);
  });
}
