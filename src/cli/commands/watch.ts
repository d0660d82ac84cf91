/** `watch`: runs and their curves on the whole terminal, while they go on. */
import { StepwellError } from "../../errors/stepwell-error.js";
import type { WatchedRun } from "../../gen/stepwell/v1/curves.js";
import type { Run } from "../../gen/stepwell/v1/runs.js";
import type { Context } from "../context.js";
import { getRun } from "../daemon/logged-run.js";
import { withDaemon } from "../daemon/with-daemon.js";
import { CHOSEN_MAX } from "../watch/state.js";

export async function watch(context: Context, runIds: readonly string[]): Promise<number> {
  if (!context.screen?.canRedraw || !process.stdin.isTTY)
    throw new StepwellError(
      "STEPWELL_USAGE",
      "A page needs a terminal; without one use: stepwell runs tail [RUN].",
    );
  if (runIds.length > CHOSEN_MAX)
    throw new StepwellError("STEPWELL_USAGE", `Name at most ${CHOSEN_MAX} runs.`);
  const { WatchPage } = await import("../watch/page.js");
  return await withDaemon(context, async (connection) => {
    const named: WatchedRun[] = [];
    for (const runId of runIds) named.push(watched(await getRun(connection, runId)));
    const page = await WatchPage.make(context, connection, named);
    return await page.run();
  });
}

/** The same run, as it is told to those that watch. */
function watched(run: Run): WatchedRun {
  const { runId, runName, experimentName, status, startTimeMs, endTimeMs, journaledPoints } = run;
  return { runId, runName, experimentName, status, startTimeMs, endTimeMs, journaledPoints };
}
