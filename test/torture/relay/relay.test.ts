import ava, { type ExecutionContext } from "ava";
import { scratchFolder } from "../../support/folder.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../../support/python-environment.js";
import { serialTestWith } from "../../support/test-with.js";
import { RELAY_END_POINTS, RELAY_POINTS } from "../kill-point-names.js";
import { randomOf } from "../random.js";
import type { BrokenRelay } from "./broken-relay.js";
import { DatabasePair } from "./database-pair.js";
import { FAULT_NAMES, type Fault } from "./faults.js";
import { type RelayReport, tortureRelay } from "./torture-relay.js";

const test = serialTestWith(MLFLOW_3);
/** Of all moments of a relay's own: the long form has each of them. */
const POINTS = 3;

let pair: DatabasePair | undefined;
ava.after.always("PostgreSQL and its standby go", async () => await pair?.remove());

async function torture(
  t: ExecutionContext,
  rounds: readonly Fault[],
  broken?: BrokenRelay,
): Promise<RelayReport> {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const seed = Number(process.env["STEPWELL_TEST_SEED"] ?? Date.now() % 2 ** 31);
  const folder = await scratchFolder(t);
  const random = randomOf(seed, "points");
  const points = Array.from({ length: POINTS }, () => random.pick([...RELAY_POINTS, ...RELAY_END_POINTS]));
  pair ??= await DatabasePair.start();
  const report = await tortureRelay({
    ...{ folder, seed, database: pair, rounds, points, log: (line) => t.log(line) },
    ...(broken ? { broken } : {}),
  });
  const { findings: _, ...counts } = report;
  t.log(`seed ${seed}`, counts);
  return report;
}

test("two relays and PostgreSQL that fail in every way lose and double nothing, and beyond the replay window exactly what is missing is told", async (t) => {
  const report = await torture(t, FAULT_NAMES);
  t.like(report, { lost: 0, doubled: 0, invented: 0, toldInside: 0, findings: [] });
  t.true(report.told > 0, "something was beyond the window");
  t.true(report.acknowledged > 1_000 && report.endedRuns > 0, "there was something to lose");
  t.is(report.doubts.drained, 0);
  t.true(report.doubts.others > 0, "what is in doubt is counted");
});

test("relays that do not look whether their database went back are found to lose", async (t) => {
  const report = await torture(t, ["failover to a standby that lags"], "looks");
  t.true(report.lost > 0);
  t.is(report.told, 0);
});
