import type { ExecutionContext } from "ava";
import { scratchFolder } from "../support/folder.js";
import { PYTHON_CLIENT, pythonEnvironment } from "../support/python-environment.js";
import { serialTestWith } from "../support/test-with.js";
import { type ReturnedReport, tortureReturned } from "./returned.js";

const test = serialTestWith(PYTHON_CLIENT);

async function torture(t: ExecutionContext, kills: number, isBroken: boolean): Promise<ReturnedReport> {
  t.timeout(15 * 60_000);
  const seed = Number(process.env["STEPWELL_TEST_SEED"] ?? Date.now() % 2 ** 31);
  const python = await pythonEnvironment(PYTHON_CLIENT);
  const folder = await scratchFolder(t);
  const report = await tortureReturned({ folder, seed, python, kills, isBroken, log: () => undefined });
  const { returned, daemonKills, lost } = report;
  t.log(`seed ${seed}: ${returned} calls returned, ${daemonKills} daemons killed, ${lost.length} lost`);
  return report;
}

test("of calls that returned all arrives once, whoever is killed", async (t) => {
  const report = await torture(t, 50, false);
  t.deepEqual([report.lost, report.doubled, report.invented], [[], [], []]);
  t.true(report.kills === 50 && report.returned > 50);
});

test("steps that log to their own memory are found to lose", async (t) => {
  const report = await torture(t, 15, true);
  t.true(report.lost.length > 0);
  t.deepEqual([report.doubled, report.invented], [[], []]);
});
