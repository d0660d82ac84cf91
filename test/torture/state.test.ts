import anyTest from "ava";
import { scratchFolder } from "../support/folder.js";
import { tortureState } from "./state-mode.js";

const test = anyTest.serial;
/** Where the parts of a change are written one by one, each of five runs found one torn: more kills found no more. */
const KILLS = 25;

test("kills during state changes leave each change whole or absent", async (t) => {
  t.timeout(1_200_000);
  const folder = await scratchFolder(t);
  const seed = Number(process.env["STEPWELL_TEST_SEED"] ?? Date.now() % 2 ** 31);
  const log = (line: string) => t.log(line);
  const report = await tortureState(folder, KILLS, seed, log);
  t.log(`seed ${seed}: ${JSON.stringify(report)}`);
  t.is(report.kills, KILLS);
  t.true(report.changes > 50, "the daemon lived long enough to change something");
  t.true(report.whole + report.absent >= 10, "kills struck changes");
});
