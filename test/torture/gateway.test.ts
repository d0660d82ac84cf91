import anyTest, { type ExecutionContext } from "ava";
import { scratchFolder } from "../support/folder.js";
import { type GatewayModeReport, tortureGateway } from "./gateway-mode.js";
import { GatewayServer } from "./gateway-server.js";

const test = anyTest.serial;
/** Answers that there have to be, before it says something that none of them is lost. */
const ANSWERED_MIN = 100;

async function torture(
  t: ExecutionContext,
  daemonKillsMin: number,
  isBroken = false,
): Promise<GatewayModeReport> {
  t.timeout(15 * 60_000);
  const seed = Number(process.env["STEPWELL_TEST_SEED"] ?? Date.now() % 2 ** 31);
  const options = {
    folder: await scratchFolder(t),
    server: await GatewayServer.start(t),
    log: () => undefined,
  };
  const answeredMin = isBroken ? 1 : ANSWERED_MIN;
  const report = await tortureGateway({ ...options, seed, daemonKillsMin, answeredMin, isBroken });
  const { lost, doubled, invented, ...counts } = report;
  t.log(
    `seed ${seed}: ${JSON.stringify(counts)}, ${lost.length} lost, ${doubled.length} doubled, ${invented.length} invented`,
  );
  return report;
}

test("of what the gateway answered all arrives, artifacts too, whoever is killed or away", async (t) => {
  const { lost, doubled, invented, acknowledged } = await torture(t, 8);
  t.deepEqual({ lost, doubled, invented }, { lost: [], doubled: [], invented: [] });
  t.true(acknowledged >= ANSWERED_MIN, `${acknowledged} answered`);
});

test("a daemon whose gateway answers what it has not written is found to lose", async (t) => {
  t.true((await torture(t, 3, true)).lost.length > 0);
});
