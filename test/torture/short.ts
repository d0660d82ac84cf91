import type { ExecutionContext } from "ava";
import { scratchFolder } from "../support/folder.js";
import { PYTHON_CLIENT, pythonEnvironment } from "../support/python-environment.js";
import { type CampaignOptions, type CampaignReport, runCampaign } from "./campaign.js";
import { type CONTROLS, controlOptions } from "./suite.js";

const MINUTES_MAX = 40 * 60_000;

/** A short campaign for a test; its seed is printed. */
export async function shortCampaign(
  t: ExecutionContext,
  more: Partial<CampaignOptions> & Pick<CampaignOptions, "seconds" | "daemonKillsMin">,
): Promise<CampaignReport> {
  t.timeout(MINUTES_MAX);
  const seed = Date.now() % 2 ** 31;
  t.log(`seed ${seed}`);
  const report = await runCampaign({
    folder: await scratchFolder(t),
    seed,
    // It is about moments, not about rates: more points are more of the processor and the same moments.
    clients: [
      { name: "raw", pointsPerSecond: 1_200 },
      { name: "typescript", pointsPerSecond: 400 },
      { name: "python", pointsPerSecond: 400 },
    ],
    python: await pythonEnvironment(PYTHON_CLIENT),
    namedShare: 0.85,
    log: () => undefined,
    ...more,
  });
  const { daemonKills, clientKills, acknowledgedPoints, cuts, drainSeconds } = report;
  t.log({ daemonKills, clientKills, acknowledgedPoints, cuts, drainSeconds });
  return report;
}

/** A control: one death at each of its points shows what is broken; the second one is for a cut that takes nothing. */
export function shortControl(broken: keyof typeof CONTROLS) {
  return { ...controlOptions(broken), seconds: 0, daemonKillsMin: 2, hitsFirst: 2, hitsMin: 2 };
}

/** Nothing is lost, doubled or invented, and there was something that could have been. */
export function assertClean(t: ExecutionContext, report: CampaignReport): void {
  t.deepEqual(report.faults, []);
  t.like(report, { lost: 0, doubled: 0, invented: 0, findings: [] });
  t.true(report.acknowledgedPoints > 10_000, "it can only be seen on points that there are");
}
