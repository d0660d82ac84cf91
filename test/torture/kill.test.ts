import { PYTHON_CLIENT } from "../support/python-environment.js";
import { serialTestWith } from "../support/test-with.js";
import { assertClean, shortCampaign, shortControl } from "./short.js";

const test = serialTestWith(PYTHON_CLIENT);

test("killed daemons and steps lose, double and invent nothing that was acknowledged", async (t) => {
  const report = await shortCampaign(t, { seconds: 4, daemonKillsMin: 12, pointsMetMin: 10 });
  assertClean(t, report);
  t.true(report.daemonKills >= 12);
  const met = Object.values(report.killPoints).filter((hits) => hits > 0);
  t.true(met.length >= 10, `${met.length} different kill points were met`);
  t.true(report.letters > 0, "something was refused, and is noted");
});

for (const broken of ["sequences", "cursors"] as const) {
  test(`a daemon that does not look at ${broken} is found to double`, async (t) => {
    const report = await shortCampaign(t, shortControl(broken));
    t.true(report.doubled > 0);
  });
}
