import type { ExecutionContext } from "ava";
import { scratchFolder } from "../support/folder.js";
import { PYTHON_CLIENT, pythonEnvironment } from "../support/python-environment.js";
import { serialTestWith } from "../support/test-with.js";
import { type RestoredStoreReport, tortureRestoredStore, type Window } from "./restored-store.js";

const test = serialTestWith(PYTHON_CLIENT);

async function torture(
  t: ExecutionContext,
  rounds: readonly Window[],
  isBroken = false,
): Promise<RestoredStoreReport> {
  t.timeout(15 * 60_000);
  const seed = Number(process.env["STEPWELL_TEST_SEED"] ?? Date.now() % 2 ** 31);
  const python = await pythonEnvironment(PYTHON_CLIENT);
  const folder = await scratchFolder(t);
  const report = await tortureRestoredStore({ folder, seed, rounds, python, isBroken, log: () => undefined });
  const { findings: _, ...counts } = report;
  t.log(`seed ${seed}`, counts);
  return report;
}

test("a store that is put back to a copy has all again, and below the replay window exactly what is missing is told", async (t) => {
  const report = await torture(t, ["all of it", "nearly nothing"]);
  t.like(report, { lost: 0, doubled: 0, invented: 0, toldInside: 0, findings: [] });
  t.true(report.told > 0, "something was below the window");
  t.true(report.acknowledged > 500, "there was something to lose");
});

test("a daemon that does not look where its store stands is found to lose", async (t) => {
  const report = await torture(t, ["all of it"], true);
  t.true(report.lost > 0);
  t.is(report.told, 0);
});
