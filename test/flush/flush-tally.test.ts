import test from "ava";
import { FlushTally, OTHER_TRACKERS, TALLIED_TRACKERS_MAX } from "../../src/flush/flush-tally.js";

test("trackers beyond the bound are one, and those within it stay told apart", (t) => {
  const tally = new FlushTally();
  for (let number = 0; number < 3 * TALLIED_TRACKERS_MAX; number++)
    tally.of(`tracker-${number}`).deliveredPoints += 1;
  tally.of("tracker-0").deliveredPoints += 10;
  const all = new Map(tally.all());
  t.is(all.size, TALLIED_TRACKERS_MAX + 1);
  t.is(all.get("tracker-0")?.deliveredPoints, 11);
  t.is(all.get(OTHER_TRACKERS)?.deliveredPoints, 2 * TALLIED_TRACKERS_MAX);
  t.is(tally.nameOf("tracker-1"), "tracker-1");
  t.is(tally.nameOf("one more"), OTHER_TRACKERS);
});

test("each pack of a request has its outcome, and the request's time is the first one's", (t) => {
  const tally = new FlushTally();
  const sent = (tracker: string) => ({ lane: { target: { tracker } } });
  const refused = { kind: "refused", code: "STEPWELL_RUN_DELETED", reason: "x" } as never;
  tally.answered([sent("a"), sent("b")], [{ kind: "delivered", refused: [] }, refused], 20);
  // A sink that answers for fewer packs than it got.
  tally.answered([sent("a"), sent("b")], [{ kind: "delivered", refused: [] }], 20);
  t.like(tally.of("a").outcomes, { delivered: 2, refused: 0 });
  t.like(tally.of("b").outcomes, { delivered: 0, refused: 1 });
  t.is(tally.of("a").requests.sumSeconds, 0.04);
  t.is(tally.of("b").requests.sumSeconds, 0);
});
