/** What people are told of runs, on stderr. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import test from "ava";

const NOTICES = fileURLToPath(new URL("../src/notices.js", import.meta.url));

test("no word of a server steers the terminal", (t) => {
  const standing = "1 point waits: \u001b[2Jheld\u202e\u009b2J\n";
  const run = { runId: "a".repeat(32), name: "one", status: "FINISHED" };
  const script = `import { tellEnd } from ${JSON.stringify(NOTICES)};
    tellEnd(${JSON.stringify(run)}, ${JSON.stringify(standing)});`;
  const words = ["--input-type=module", "-e", script];
  const env = { ...process.env, STEPWELL_QUIET: "", RANK: "0" };
  const { stderr } = spawnSync(process.execPath, words, { encoding: "utf8", env });
  t.is(stderr, "stepwell: run one FINISHED. 1 point waits: ?[2Jheld??2J?\n");
});
