import test from "ava";
import { deadlineAfter, poll } from "../../src/home/wait.js";

test.serial("a wait takes its time wherever the wall clock is set to meanwhile", async (t) => {
  const wallClock = Date.now;
  t.teardown(() => {
    Date.now = wallClock;
  });
  for (const jumpMs of [-86_400_000, 86_400_000]) {
    const begin = performance.now();
    let asked = 0;
    const deadline = deadlineAfter(200);
    Date.now = () => wallClock() + jumpMs;
    t.is(
      await poll(deadline, () => {
        asked++;
        return undefined;
      }),
      undefined,
    );
    t.true(performance.now() - begin >= 199);
    t.true(asked > 1, "a clock that is ahead ends no wait");
    t.is(deadline.leftMs(), 0);
    Date.now = wallClock;
  }
});
