import type { ExecutionContext } from "ava";
import { scratchFolder } from "../support/folder.js";
import { pythonEnvironment } from "../support/python-environment.js";
import { testWith } from "../support/test-with.js";
import { type CampaignReport, runCampaign } from "./campaign.js";
import type { Broken, KillPoint } from "./kill-point-names.js";
import { TORTURE_PYTHON } from "./python.js";

const MINUTES_MAX = 12 * 60_000;

/** A short campaign; its seed is printed. */
async function campaign(
  t: ExecutionContext,
  more: {
    seconds: number;
    daemonKillsMin: number;
    broken?: Broken;
    points?: readonly KillPoint[];
    hitsFirst?: number;
  },
): Promise<CampaignReport> {
  t.timeout(MINUTES_MAX);
  const seed = Date.now() % 2 ** 31;
  t.log(`seed ${seed}`);
  const report = await runCampaign({
    folder: await scratchFolder(t),
    seed,
    clients: [
      { name: "raw", pointsPerSecond: 8_000 },
      { name: "typescript", pointsPerSecond: 2_000 },
      { name: "python", pointsPerSecond: 2_000 },
    ],
    python: await pythonEnvironment(TORTURE_PYTHON),
    namedShare: 0.8,
    log: () => undefined,
    ...more,
  });
  const { daemonKills, clientKills, acknowledgedPoints, storedPoints, drainSeconds } = report;
  t.log({ daemonKills, clientKills, acknowledgedPoints, storedPoints, drainSeconds });
  return report;
}

testWith(TORTURE_PYTHON)(
  "killed daemons and steps lose, double and invent nothing that was acknowledged",
  async (t) => {
    const report = await campaign(t, { seconds: 30, daemonKillsMin: 30 });
    t.deepEqual(report.faults, []);
    t.like(report, { lost: 0, doubled: 0, invented: 0, findings: [] });
    t.true(report.acknowledgedPoints > 10_000, "it can only be seen on points that there are");
  },
);

/** Controls: with the promise broken on purpose, the same harness has to say so. */
const CONTROLS = {
  sequences: ["append: synced, not acknowledged", "ack: before it is written"],
  cursors: ["commit: after", "pack: answered, not settled"],
} as const;

for (const broken of ["sequences", "cursors"] as const) {
  testWith(TORTURE_PYTHON)(`a daemon that does not look at ${broken} is found to double`, async (t) => {
    const report = await campaign(t, {
      seconds: 10,
      daemonKillsMin: 12,
      broken,
      hitsFirst: 4,
      points: CONTROLS[broken],
    });
    t.true(report.doubled > 0);
  });
}
