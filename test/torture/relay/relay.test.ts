import type { ExecutionContext } from "ava";
import { scratchFolder } from "../../support/folder.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../../support/python-environment.js";
import { serialTestWith } from "../../support/test-with.js";
import { FAULT_NAMES, type Fault } from "./faults.js";
import { type RelayReport, tortureRelay } from "./torture-relay.js";

const test = serialTestWith(MLFLOW_3);

async function torture(
  t: ExecutionContext,
  rounds: readonly Fault[],
  isBroken = false,
): Promise<RelayReport> {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const seed = Number(process.env["STEPWELL_TEST_SEED"] ?? Date.now() % 2 ** 31);
  const folder = await scratchFolder(t);
  const report = await tortureRelay({ folder, seed, rounds, isBroken, log: (line) => t.log(line) });
  const { findings: _, ...counts } = report;
  t.log(`seed ${seed}`, counts);
  return report;
}

test("two relays and PostgreSQL that fail in every way lose and double nothing, and beyond the replay window exactly what is missing is told", async (t) => {
  const report = await torture(t, FAULT_NAMES);
  t.like(report, { lost: 0, doubled: 0, invented: 0, toldInside: 0, findings: [] });
  t.true(report.told > 0, "something was beyond the window");
  t.true(report.acknowledged > 1_000 && report.endedRuns > 0, "there was something to lose");
});

test("relays that do not look whether their database went back are found to lose", async (t) => {
  const report = await torture(t, ["failover to a standby that lags"], true);
  t.true(report.lost > 0);
  t.is(report.told, 0);
});
