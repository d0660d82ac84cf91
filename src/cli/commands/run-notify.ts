/** `run --notify`: tells a user's command how the run ended. */
import { systemClock } from "../../home/clock.js";
import { tellByCommand } from "../../home/notify-command.js";
import type { EndStatus } from "../../model/end-status.js";
import type { Context } from "../context.js";

/** How a run ended. */
export interface RunEnding {
  readonly status: EndStatus;
  readonly code: number;
  readonly runId: string;
  readonly runName: string;
  readonly tracker: string;
  /** What the daemon says of where its entries are. */
  readonly standing: string;
  /** When it began, of the monotonic clock. */
  readonly beganMs: number;
}

/** Tells it, within half a minute; where that is in vain, says so and goes on. */
export async function notify(
  { env, stderr, paths }: Context,
  command: string,
  ending: RunEnding,
): Promise<void> {
  const { status, code, runId, runName, tracker, standing, beganMs } = ending;
  const seconds = Math.round((systemClock.monotonicMs() - beganMs) / 1_000);
  const facts = { run_id: runId, run_name: runName, tracker, status, exit_code: code, seconds, standing };
  const event = {
    event: status === "FINISHED" ? ("run_ended" as const) : ("run_failed" as const),
    text: `The run ${runName} ended as ${status} after ${seconds} s.`,
    ...{ time_ms: systemClock.nowMs(), home: paths.home, ...facts },
  };
  const reason = await tellByCommand(command, { events: [event], more: 0 }, env);
  if (reason !== undefined) stderr(`error: the command of --notify could not tell it: ${reason}\n`);
}
