import anyTest, { type ExecutionContext } from "ava";
import { scratchFolder } from "../support/folder.js";
import { type ShortRunsReport, tortureShortRuns } from "./short-runs.js";

const test = anyTest.serial;
const RUNS = Number(process.env["STEPWELL_TEST_SHORT_RUNS"] ?? 250);
/** Each kill of the control loses some of what is under way: more runs between kills show nothing more. */
const CONTROL_RUNS = 60;

async function torture(t: ExecutionContext, isBroken: boolean): Promise<ShortRunsReport> {
  t.timeout(15 * 60_000);
  const seed = Number(process.env["STEPWELL_TEST_SEED"] ?? Date.now() % 2 ** 31);
  const kills = { daemonKillsMin: 5, clientKillsMin: 2 };
  const folder = await scratchFolder(t);
  const report = await tortureShortRuns({
    folder,
    seed,
    runsMin: isBroken ? CONTROL_RUNS : RUNS,
    ...kills,
    isBroken,
    log: () => undefined,
  });
  const { lost, invented, ...counts } = report;
  t.log(`seed ${seed}: ${JSON.stringify(counts)}, ${lost.length} lost, ${invented.length} invented`);
  return report;
}

test("of short runs that were acknowledged all arrives, whoever is killed", async (t) => {
  const report = await torture(t, false);
  t.deepEqual([report.lost, report.invented], [[], []]);
  t.true(report.acknowledged >= RUNS);
});

test("a daemon that acknowledges what it has not written is found to lose", async (t) => {
  const report = await torture(t, true);
  t.true(report.lost.length > 0);
});
