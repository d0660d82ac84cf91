import anyTest, { type ExecutionContext } from "ava";
import { scratchFolder } from "../support/folder.js";
import { tortureCopiedHome } from "./copied.js";
import { type HomesOptions, type HomesReport, tortureRolledBackHome } from "./rolled-back.js";

const test = anyTest.serial;
const CONTROL_TRIES = 5;
const SHORT_FORM = { rounds: 1, log: () => undefined };

async function torture(
  t: ExecutionContext,
  run: (options: HomesOptions) => Promise<HomesReport>,
  isBroken = false,
): Promise<HomesReport> {
  t.timeout(15 * 60_000);
  const seed = Number(process.env["STEPWELL_TEST_SEED"] ?? Date.now() % 2 ** 31);
  const report = await run({ ...SHORT_FORM, folder: await scratchFolder(t), seed, isBroken });
  const { findings: _, ...counts } = report;
  t.log(`seed ${seed}`, counts);
  return report;
}

test("a home that is put back to a snapshot while its store goes on loses what nobody else has, and no more", async (t) => {
  const report = await torture(t, tortureRolledBackHome);
  t.like(report, { lost: 0, doubled: 0, invented: 0, findings: [] });
  t.true(report.newIds > 0, "the store had gone on");
  t.true(report.acknowledged - report.gone > 500, "there was something to lose");
});

test("copies of a home that go on at once lose nothing of each other", async (t) => {
  const report = await torture(t, tortureCopiedHome);
  t.like(report, { lost: 0, doubled: 0, invented: 0, findings: [] });
  t.true(report.newIds > 0, "they met in the store");
  t.true(report.acknowledged > 500, "there was something to lose");
});

for (const [what, run] of [
  ["put back", tortureRolledBackHome],
  ["copied", tortureCopiedHome],
] as const)
  test(`a home that is ${what} and goes by positions alone is found to lose`, async (t) => {
    // One round may pass by what it breaks.
    let lost = 0;
    for (let tries = 0; lost === 0 && tries < CONTROL_TRIES; tries++) {
      const report = await torture(t, run, true);
      t.is(report.newIds, 0);
      lost = report.lost;
    }
    t.true(lost > 0);
  });
