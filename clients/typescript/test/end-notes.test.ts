import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { EndNotes } from "../src/end-notes.js";
import type { Pipeline } from "../src/pipeline.js";
import type { RunEnding } from "../src/run-buffer.js";
import type { ClientSettings } from "../src/settings.js";

const ENDING: RunEnding = { runId: "a".repeat(32), status: "FINISHED", endTimeMs: 7 };

function setUp(t: ExecutionContext) {
  const home = mkdtempSync(join(tmpdir(), "stepwell-notes-"));
  t.teardown(() => rmSync(home, { recursive: true, force: true }));
  const pipeline = { unacknowledgedEnds: [ENDING] } as unknown as Pipeline;
  const notes = new EndNotes(pipeline, { home } as ClientSettings);
  const folder = join(home, "step-ends");
  return { notes, folder, file: join(folder, `${ENDING.runId}.run.json`) };
}

test("a note that the daemon has removed while the exit went on is left once more when it gives up", (t) => {
  const { notes, folder, file } = setUp(t);
  notes.leave();
  t.like(JSON.parse(readFileSync(file, "utf8")), { run_id: ENDING.runId, status: "FINISHED" });
  rmSync(file);
  notes.leave();
  t.like(JSON.parse(readFileSync(file, "utf8")), { run_id: ENDING.runId, end_time_ms: 7 });
  t.true(notes.areLeft);
  notes.remove();
  t.deepEqual(readdirSync(folder), []);
});

const onPosix = process.platform === "win32" ? test.skip : test;

onPosix("a pipe in the place of a note's draft holds no exit", (t) => {
  const { notes, folder, file } = setUp(t);
  mkdirSync(folder);
  execFileSync("mkfifo", [`${file}.${process.pid}`]);
  notes.leave();
  t.false(notes.areLeft);
});
