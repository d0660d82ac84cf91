import test from "ava";
import { until } from "./until.js";

const quick = { withinMs: 30, everyMs: 1 };

test("what fits is given back, however often it was looked before", async (t) => {
  let looks = 0;
  t.is(
    await until(
      "three looks",
      () => ++looks,
      (seen) => seen === 3,
      { everyMs: 1 },
    ),
    3,
  );
  t.is(looks, 3);
});

test("what never fits is told at the deadline, with what was waited for and seen", async (t) => {
  const waiting = until(
    "a second note",
    async () => ["first.json"],
    (names) => names.length === 2,
    quick,
  );
  await t.throwsAsync(waiting, { message: "in 0.03 s not: a second note; seen last: [ 'first.json' ]" });
});

test("a look that fails is not looked away from", async (t) => {
  const look = () => {
    throw new Error("no such table");
  };
  await t.throwsAsync(
    until("a row", look, () => true, quick),
    { message: "no such table" },
  );
});
