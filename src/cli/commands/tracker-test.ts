import { EXIT } from "../../errors/row.js";
import { CheckResult } from "../../gen/stepwell/v1/trackers.js";
import type { HomeCheck } from "../../model/home-check.js";
import type { Context } from "../context.js";
import type { DaemonClients } from "../daemon/client.js";
import { askDaemon } from "../daemon/with-daemon.js";
import type { OutputOptions } from "../input/options.js";
import type { Column } from "../output/answer.js";
import { showAnswer } from "../output/output.js";

const COLUMNS: readonly Column[] = ["check", "result", "finding", "remedy"].map((key) => ({ key }));
/** Some answers; each may take its five seconds. */
const TEST_MS_MAX = 60_000;

/** `experiment-tracker test [NAME]`: asks its backend; exits with 1 when runs can't go there. */
export async function testTracker(context: Context, name: string, options: OutputOptions): Promise<number> {
  return askDaemon(context, async (clients) => {
    const checks = await askTracker(clients, name);
    const items = checks.map((each) => ({ ...each }));
    await showAnswer(context, { kind: "list", columns: COLUMNS, items }, options.output);
    return checks.some(({ result }) => result === "failed") ? EXIT.failed : EXIT.ok;
  });
}

/** What the daemon finds when it asks a tracker's backend. */
export async function askTracker(
  { trackers, call }: Pick<DaemonClients, "trackers" | "call">,
  tracker: string,
  timeoutMs = TEST_MS_MAX,
): Promise<HomeCheck[]> {
  const { checks } = await call(trackers.testTracker.bind(trackers), { tracker }, timeoutMs);
  return checks.map(({ check, result, finding, remedy }) => ({
    check,
    result: resultOf(result),
    finding,
    remedy,
  }));
}

/** What this version does not know has not gone well. */
function resultOf(result: number): HomeCheck["result"] {
  if (result === CheckResult.CHECK_RESULT_OK) return "ok";
  return result === CheckResult.CHECK_RESULT_WARN ? "warn" : "failed";
}
