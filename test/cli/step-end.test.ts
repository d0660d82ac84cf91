/** How long `stepwell run` goes on telling how its program ended. */
import test, { type ExecutionContext } from "ava";
import { tellEnd } from "../../src/cli/commands/step-end.js";
import { homeOf } from "../../src/home/endpoint.js";
import { scratchHome } from "../support/home.js";
import { standInDaemon } from "../support/stand-in-daemon.js";

const WAIT_MS = 1_500;
const END = { stepRunId: "a".repeat(32), pipelineRunId: "b".repeat(32), status: "FINISHED" } as const;

/** Tells an end that is refused so often; answers how often it was, and what was said. */
async function tell(t: ExecutionContext, refusals: number, journaled: () => bigint) {
  const home = await scratchHome(t);
  let refused = 0;
  const refusesEnd = () => refused < refusals && ++refused > 0;
  const env = await standInDaemon(t, home, { journaled, refusesEnd });
  let said = "";
  const context = {
    env: { ...env, STEPWELL_AUTOSTART: "0" },
    paths: homeOf(home.env),
    program: [],
    stdout: () => undefined,
    stderr: (text: string) => {
      said += text;
    },
  };
  await tellEnd(context, END, WAIT_MS);
  return { refused, said };
}

test("an end is told as long as the daemon's journal grows, beyond the time in all", async (t) => {
  let points = 0n;
  const begin = performance.now();
  const { refused, said } = await tell(t, 8, () => ++points);
  t.is(refused, 8);
  t.is(said, "");
  t.true(performance.now() - begin > WAIT_MS, "eight pauses take longer than the wait");
});

test("a journal that stands still is waited for only so long, and what is lost is said", async (t) => {
  const { said } = await tell(t, Number.POSITIVE_INFINITY, () => 7n);
  t.regex(said, /^error: the run's end could not be told: It fails\. \[STEPWELL_JOURNAL_FAILED\]\n$/);
});
