import type { ExecutionContext } from "ava";
import { scratchFolder } from "../support/folder.js";
import { PYTHON_CLIENT, pythonEnvironment } from "../support/python-environment.js";
import { serialTestWith } from "../support/test-with.js";
import type { Way } from "./clock-file.js";
import { type MovedClocksReport, tortureMovedClocks } from "./moved-clocks.js";

const test = serialTestWith(PYTHON_CLIENT);

async function torture(
  t: ExecutionContext,
  more: { readonly rounds: readonly Way[]; readonly arrivalMsMax: number; readonly isBroken?: boolean },
): Promise<MovedClocksReport> {
  t.timeout(15 * 60_000);
  const seed = Date.now() % 2 ** 31;
  const python = await pythonEnvironment(PYTHON_CLIENT);
  const report = await tortureMovedClocks({ folder: await scratchFolder(t), seed, python, ...more });
  const { jumps, hasArrived, acknowledgedPoints, lost } = report;
  t.log(`seed ${seed}`, { jumps, hasArrived, acknowledgedPoints, lost });
  return report;
}

test("wall clocks that jump by days while lanes wait delay, lose and change nothing", async (t) => {
  const report = await torture(t, { rounds: ["ahead", "both", "back"], arrivalMsMax: 300_000 });
  t.deepEqual(report.faults, []);
  t.like(report, { isMoved: true, hasArrived: true, lost: 0, doubled: 0, invented: 0, findings: [] });
  t.true(report.acknowledgedPoints > 1_000 && report.letters > 0, "there was something to lose");
});

test("a daemon whose waits go by a clock that jumps back is found to wait", async (t) => {
  const report = await torture(t, { rounds: ["back"], arrivalMsMax: 5_000, isBroken: true });
  t.false(report.hasArrived);
  t.true(report.lost > 0, "what was acknowledged has not arrived");
});
