/** The doctor asks servers a few at a time, and says of each that was not heard in time. */
import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { serverChecks } from "../../src/cli/commands/server-checks.js";
import type { DaemonClients } from "../../src/cli/daemon/client.js";
import { StepwellError } from "../../src/errors/stepwell-error.js";
import { CheckResult } from "../../src/gen/stepwell/v1/trackers.js";
import { deadlineAfter } from "../../src/home/wait.js";

/** Clients whose calls take so long, or reject when their time is over; and how many were under way at most. */
function slowClients(answerMs: (tracker: string) => number) {
  const seen = { underWay: 0, most: 0, asked: [] as string[] };
  const call = async (_method: unknown, { tracker }: { tracker: string }, timeoutMs: number) => {
    seen.asked.push(tracker);
    seen.most = Math.max(seen.most, ++seen.underWay);
    const ms = answerMs(tracker);
    await sleep(Math.min(ms, timeoutMs));
    seen.underWay -= 1;
    if (ms >= timeoutMs) throw new StepwellError("STEPWELL_DAEMON_UNREACHABLE", "It did not answer.");
    const result = CheckResult.CHECK_RESULT_OK;
    return { checks: [{ check: "server", result, finding: `${tracker} answers.`, remedy: "" }] };
  };
  const clients = { call, trackers: { testTracker: () => undefined } } as unknown as DaemonClients;
  return { clients, seen };
}

const names = Array.from({ length: 20 }, (_, index) => `t${index}`);

test("eight servers are asked at a time, and the findings come in the trackers' order", async (t) => {
  const { clients, seen } = slowClients((tracker) => (tracker === "t0" ? 60 : 10));
  const checks = await serverChecks(clients, names, deadlineAfter(60_000));
  t.is(seen.most, 8);
  t.deepEqual(
    checks.map(({ check, result }) => [check, result]),
    names.map((name) => [`tracker ${name}: server`, "ok"]),
  );
});

test("who does not answer in time, and who had no turn, has a finding that says so", async (t) => {
  const { clients, seen } = slowClients((tracker) => (tracker === "t0" ? 1 : 60_000));
  // On a busy machine the first answer takes its time, too.
  const checks = await serverChecks(clients, names, deadlineAfter(2_000));
  t.is(seen.asked.length, 9);
  t.is(checks.length, names.length);
  t.like(checks[0], { result: "ok" });
  t.like(checks[1], {
    check: "tracker t1: server",
    result: "warn",
    finding: "It did not answer before the 15 s of a doctor's visit were over.",
    remedy: "Ask it alone: stepwell experiment-tracker test t1.",
  });
  t.like(checks.at(-1), {
    check: "tracker t19: server",
    result: "warn",
    finding: "It was not asked: the 15 s of a doctor's visit were over.",
  });
});

test("a tracker that can't be asked does not keep the others from it", async (t) => {
  const { clients } = slowClients(() => 1);
  const call = clients.call;
  const refusing = {
    ...clients,
    call: async (...[method, request, timeoutMs]: Parameters<typeof call>) => {
      if ((request as unknown as { tracker: string }).tracker === "t3")
        throw new StepwellError("STEPWELL_COMPONENT_UNKNOWN", "There is no such tracker.");
      return call(method, request, timeoutMs);
    },
  } as unknown as DaemonClients;
  const checks = await serverChecks(refusing, names, deadlineAfter(60_000));
  t.like(checks[3], { check: "tracker t3: server", result: "failed" });
  t.is(checks.filter(({ result }) => result === "ok").length, 19);
});
