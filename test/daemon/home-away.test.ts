/** A home that goes away while its daemon starts. */
import { renameSync } from "node:fs";
import test from "ava";
import { startDaemon } from "../../src/daemon/daemon.js";
import { systemClock } from "../../src/home/clock.js";
import { homeOf, prepareHome } from "../../src/home/endpoint.js";
import { JOURNAL_QUOTA_BYTES } from "../../src/model/limits.js";
import { scratchFolder } from "../support/folder.js";

test("a start whose home is moved away meanwhile says so, whatever it was that failed", async (t) => {
  const home = `${await scratchFolder(t)}/home`;
  const paths = homeOf({ STEPWELL_HOME: home });
  await prepareHome(paths);
  let isMoved = false;
  const options = {
    paths,
    journalQuotaBytes: JOURNAL_QUOTA_BYTES,
    replayWindow: { ms: 0, bytes: 0 },
    artifactSpoolBytes: 0,
    curvesQuotaBytes: 0,
    databricksConfigFile: "",
    mlflowEnvironment: {},
    mlflowIdleMs: 0,
    metrics: undefined,
    clock: {
      ...systemClock,
      // The start asks for it once its state is open, and has to write its endpoint afterwards.
      nowMs: () => {
        if (!isMoved) renameSync(home, `${home}-moved`);
        isMoved = true;
        return systemClock.nowMs();
      },
    },
    random: Math.random,
    log: () => undefined,
    leaseReturnMs: 60_000,
    onShutdown: () => undefined,
    onHomeLost: () => undefined,
  };
  await t.throwsAsync(startDaemon(options), { code: "STEPWELL_HOME_GONE" });
  t.true(isMoved);
});
