/** What the servers of trackers answer to the daemon, which alone has the credentials. */

import type { Deadline } from "../../home/wait.js";
import { faultCheck, type HomeCheck, warnCheck } from "../../model/home-check.js";
import { DOCTOR_MS_MAX, DOCTOR_SERVERS_MAX } from "../../model/limits.js";
import { shellWord } from "../../model/shell-word.js";
import type { DaemonClients } from "../daemon/client.js";
import { askTracker } from "./tracker-test.js";

/** Timers end up to a millisecond early: a call that got all of the time there was may leave so much of it. */
const TIMER_SLACK_MS = 5;

type Clients = Pick<DaemonClients, "trackers" | "call">;

/** Asks a few trackers' servers at a time until the deadline; who was not heard by then has a finding that says so. */
export async function serverChecks(
  clients: Clients,
  trackers: readonly string[],
  deadline: Deadline,
): Promise<HomeCheck[]> {
  const found: HomeCheck[][] = [];
  // All take from one iterator, so that each tracker has one turn.
  const turns = trackers.entries();
  const takeTurns = async () => {
    for (const [turn, tracker] of turns) found[turn] = await checksOf(clients, tracker, deadline);
  };
  await Promise.all(Array.from({ length: DOCTOR_SERVERS_MAX }, takeTurns));
  return found.flat();
}

async function checksOf(clients: Clients, tracker: string, deadline: Deadline): Promise<HomeCheck[]> {
  const about = (check: string) => `tracker ${tracker}: ${check}`;
  const late = (what: string) =>
    warnCheck(
      about("server"),
      `It ${what} the ${DOCTOR_MS_MAX / 1000} s of a doctor's visit were over.`,
      `Ask it alone: stepwell experiment-tracker test ${shellWord(tracker)}.`,
    );
  const isOver = () => deadline.leftMs() < TIMER_SLACK_MS;
  if (isOver()) return [late("was not asked:")];
  try {
    const checks = await askTracker(clients, tracker, deadline.leftMs());
    return checks.map((each) => ({ ...each, check: about(each.check) }));
  } catch (error) {
    return [isOver() ? late("did not answer before") : faultCheck(about("server"), "failed", error)];
  }
}
