import test from "ava";
import { scratchFolder } from "../support/folder.js";
import { hasPython, PYTHON_CLIENT, pythonEnvironment } from "../support/python-environment.js";
import { runFirstStarts } from "./first-starts.js";
import { FIRST_START_POINTS } from "./kill-point-names.js";
import { canRecord } from "./power/recorder.js";
import { assertClean, shortCampaign, shortControl } from "./short.js";

const isPossible = canRecord() && hasPython(PYTHON_CLIENT);
if (!isPossible) console.error("Power cuts are simulated with Linux, a C compiler (cc) and Python only.");
// One after the other: each has a daemon, clients and kills by the clock, and keeps the cores busy by itself.
const testIfPossible = isPossible || process.env["CI"] === "1" ? test.serial : test.skip;

testIfPossible("a power cut loses, doubles and invents nothing that was acknowledged", async (t) => {
  const report = await shortCampaign(t, { seconds: 4, daemonKillsMin: 10, power: true });
  assertClean(t, report);
  t.true(
    report.cuts.lostWrites > 0 && report.cuts.undoneEntries > 0,
    "a cut that takes nothing shows nothing",
  );
});

testIfPossible(
  "writes and syncs that fail with ENOSPC or EIO now and then, and power cuts, lose nothing",
  async (t) => {
    const trouble = { errors: ["ENOSPC", "EIO"], oneIn: 60 } as const;
    const report = await shortCampaign(t, { seconds: 3, daemonKillsMin: 8, power: true, trouble });
    assertClean(t, report);
  },
);

testIfPossible("a journal that does not sync is found to lose", async (t) => {
  const report = await shortCampaign(t, shortControl("fsync"));
  t.true(report.lost > 0);
});

for (const power of [false, true]) {
  const death = power ? "power cut" : "kill";
  testIfPossible(
    `a ${death} at a home's first start loses nothing, and the next start succeeds`,
    async (t) => {
      t.timeout(1_200_000);
      const seed = Date.now() % 2 ** 31;
      t.log(`seed ${seed}`);
      const python = await pythonEnvironment(PYTHON_CLIENT);
      const options = {
        folder: await scratchFolder(t),
        seed,
        rounds: power ? 3 : FIRST_START_POINTS.length,
        python,
        power,
      };
      const report = await runFirstStarts(options);
      t.like(report, { lost: 0, doubled: 0, invented: 0, findings: [] });
      t.true(report.acknowledgedPoints > 0);
    },
  );
}
