/** How often a user's command is called, and with what; the command stands in. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { systemClock } from "../../src/home/clock.js";
import type { Notification } from "../../src/home/notify-command.js";
import { callMemory } from "../../src/notify/call-memory.js";
import { Notifier } from "../../src/notify/notifier.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";
import { until } from "../support/until.js";

function setUp(pauseMs: number) {
  const state = {
    calls: [] as Notification[],
    reason: undefined as string | undefined,
    logged: [] as string[],
  };
  const notifier = new Notifier({
    tell: async (notification) => {
      state.calls.push(notification);
      return state.reason;
    },
    clock: systemClock,
    log: (level) => state.logged.push(level),
    gatherMs: 20,
    pauseMs,
  });
  const add = (text: string) => notifier.add({ event: "run_ended", text });
  return { state, notifier, add };
}

test("what comes within the limit comes as one call, and what is too much is counted", async (t) => {
  const { state, notifier, add } = setUp(3_600_000);
  for (let number = 0; number < 103; number++) add(`e${number}`);
  await until(
    "the first call",
    () => state.calls.length,
    (calls) => calls === 1,
  );
  t.deepEqual([state.calls[0]?.events.length, state.calls[0]?.more], [100, 3]);
  add("later");
  add("and later");
  // Neither has its time for an hour; the daemon's end tells them all the same.
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.is(state.calls.length, 1);
  await notifier.close();
  t.deepEqual(
    state.calls[1]?.events.map(({ text }) => text),
    ["later", "and later"],
  );
  await notifier.close();
  t.is(state.calls.length, 2);
});

test("daemons that follow each other call no more often than one, whatever the file says", async (t) => {
  const file = join(await scratchFolder(t), "notified");
  const pauseMs = 400;
  let calls = 0;
  const clock = new SetClock();
  const tell = async () => {
    calls += 1;
    return undefined;
  };
  const daemon = () => {
    const parts = { tell, clock, log: () => undefined, gatherMs: 1, pauseMs };
    const notifier = new Notifier({ ...parts, memory: callMemory(file) });
    notifier.add({ event: "run_lost", text: "x" });
  };
  daemon();
  await until("a call", () => calls, Boolean);
  // It crashes, and so does the next one: both have something to tell at once.
  const begunMs = Date.now();
  daemon();
  await until(
    "the next one's call",
    () => calls,
    (count) => count === 2,
  );
  t.true(Date.now() - begunMs >= pauseMs - 50, `${Date.now() - begunMs} ms`);
  // A clock that is set back by an hour, a folder and an odd file keep nobody from being told.
  clock.jump(-3_600_000);
  daemon();
  await until(
    "the third call",
    () => calls,
    (count) => count === 3,
  );
  for (const text of ["", "-1", "1e999", "x".repeat(1_000)]) {
    writeFileSync(file, text);
    t.is(callMemory(file).lastMs(), undefined, text.slice(0, 5));
  }
  t.is(callMemory(`${file}/none`).lastMs(), undefined);
  t.notThrows(() => callMemory(`${file}/none`).called(1));
});

test("a command that fails is said once in the log, and in the status until it goes well", async (t) => {
  const { state, notifier, add } = setUp(0);
  state.reason = "it exited with 7";
  add("one");
  await until(
    "a fault",
    () => notifier.fault,
    (fault) => fault !== "",
  );
  t.regex(notifier.fault, /could not tell what happened: it exited with 7\.$/);
  state.reason = undefined;
  add("two");
  await until(
    "the second call",
    () => notifier.fault,
    (fault) => fault === "",
  );
  t.deepEqual(state.logged, ["warn", "info"]);
});
