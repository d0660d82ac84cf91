import { join } from "node:path";
import { pathToFileURL } from "node:url";
import test from "ava";
import { ROOT } from "../support/home.js";

interface Faults {
  readonly take: (line: string) => void;
  readonly lines: readonly string[];
}

/** What is said again of a log. */
async function saidAgain(log: string): Promise<readonly string[]> {
  // Not before the tests are declared: several files may share one process.
  const { gatherFaults } = (await import(pathToFileURL(join(ROOT, "scripts/test-faults.mjs")).href)) as {
    readonly gatherFaults: () => Faults;
  };
  const faults = gatherFaults();
  for (const line of log.split("\n")) faults.take(line);
  return faults.lines;
}

test("a rejection that nobody handled is said again with its text, and without the tests around it", async (t) => {
  const log = `
  ✔ a › passes
  Unhandled rejection in build/test/a.test.js

  Error: first
  › file://build/test/a.test.js:3:18

  ✘ build/test/a.test.js exited with a non-zero exit code: 1
  ✔ b › passes (1.2s)
  Uncaught exception in build/test/b.test.js

  {
    code: 5,
  }
  ─

  a › passes`;
  t.deepEqual(await saidAgain(log), [
    "  Unhandled rejection in build/test/a.test.js",
    "  Error: first",
    "  › file://build/test/a.test.js:3:18",
    "  ✘ build/test/a.test.js exited with a non-zero exit code: 1",
    "  Uncaught exception in build/test/b.test.js",
    "  {",
    "    code: 5,",
    "  }",
  ]);
});

test("each failed test of each suite is named again", async (t) => {
  const failed = [
    "  ✘ [fail]: cli › first-minutes › in a clone",
    "FAIL: test_end (test_notices.Notices.test_end)",
    "ERROR: test_begin (test_notices.Notices.test_begin)",
    "FAILED TestSpool",
  ];
  t.deepEqual(
    await saidAgain(["ok TestOther", ...failed, "ERROR: a log line", "test_end ... FAIL"].join("\n")),
    failed,
  );
});

test("what is said again has a bound", async (t) => {
  const text = Array.from({ length: 500 }, (_, line) => `  line ${line}`).join("\n");
  t.is((await saidAgain(`  Unhandled rejection in a.js\n${text}`)).length, 13);
  const many = await saidAgain("FAILED one\n".repeat(250));
  t.is(many.length, 101);
  t.is(many.at(-1), "  and 150 more");
});
