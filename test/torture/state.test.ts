import anyTest from "ava";
import { scratchHome } from "../support/home.js";
import { killDuringStateChanges } from "./state-changes.js";

const test = anyTest.serial;

test("50 kills during state changes leave each change whole or absent", async (t) => {
  t.timeout(600_000);
  const home = await scratchHome(t);
  const seed = Number(process.env["STEPWELL_TEST_SEED"] ?? Date.now() % 2 ** 31);
  const log = (line: string) => t.log(line);
  const report = await killDuringStateChanges({ kills: 50, seed, start: () => home.startDaemon(), log });
  t.log(`seed ${seed}: ${JSON.stringify(report)}`);
  t.is(report.kills, 50);
  t.true(report.changes > 100, "the daemon lived long enough to change something");
  t.true(report.whole + report.absent >= 10, "kills struck changes");
});
