import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import type { Pack } from "../../src/model/pack.js";
import type { Outcome, Sink } from "../../src/sinks/sink.js";
import { flusherOn } from "./flusher-on.js";

const RUN = "ab".repeat(16);
/** A backend that refuses every pack for good. */
class RefusingSink implements Sink {
  readonly limits = { pointsMax: 1_000, textsMax: 100, packsMax: 10, requestsMax: 1 };
  readonly cursors = undefined;
  sends = 0;

  async send(packs: readonly Pack[]): Promise<Outcome[]> {
    this.sends += 1;
    return packs.map(() => ({ kind: "refused", code: "STEPWELL_RUN_DELETED", reason: "deleted" }));
  }

  async close(): Promise<void> {}
}

test("a lane that would park beyond the letters' bound is held, keeps its entries, and goes on once there is room", async (t) => {
  const sink = new RefusingSink();
  const { flusher, deadLetters, setTag, until } = await flusherOn(t, sink, 500);
  for (const key of ["a", "b", "c", "d"]) await setTag(RUN, key, "x".repeat(150));
  const lane = () => [...flusher.lanes()][0];
  await until(() => lane()?.state.kind === "held");
  t.like(lane()?.state, { kind: "held", code: "STEPWELL_DEAD_LETTERS_FULL" });
  t.is(deadLetters.letters, 2);
  const { sends } = sink;
  for (let asked = 0; asked < 5; asked++) {
    flusher.askAgain();
    await sleep(5);
  }
  t.is(sink.sends, sends, "it asks nothing of the backend while there is no room");
  await deadLetters.drop({ runId: "", tracker: "" });
  await until(() => deadLetters.letters === 2);
  t.is(deadLetters.letters, 2, "the entries that were held are parked, none is lost");
  await until(() => lane() === undefined);
  t.is(lane(), undefined);
});
