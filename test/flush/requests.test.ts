/** Several requests under way: as many as the pace allows, one for each run. */
import test from "ava";
import { FIRST_PACE } from "../../src/flush/pace.js";
import type { Pack } from "../../src/model/pack.js";
import type { Outcome, Sink } from "../../src/sinks/sink.js";
import { flusherOn } from "./flusher-on.js";

/** A backend that answers when the test says so. */
class SlowSink implements Sink {
  readonly limits = { pointsMax: 1_000, textsMax: 100, packsMax: 1, requestsMax: 3 };
  readonly cursors = undefined;
  readonly open: {
    readonly runId: string;
    readonly tags: number;
    readonly answer: (outcome: Outcome) => void;
  }[] = [];
  peak = 0;
  delivered = 0;

  async send([pack]: readonly Pack[]): Promise<Outcome[]> {
    if (!pack) throw new RangeError("no pack");
    const outcome = await new Promise<Outcome>((answer) => {
      this.open.push({ runId: pack.runId, tags: pack.tags.length, answer });
      this.peak = Math.max(this.peak, this.open.length);
    });
    return [outcome];
  }

  /** Answers the oldest request of a run, or the oldest of all. */
  answer(outcome: Outcome, runId = this.open[0]?.runId): void {
    const at = this.open.findIndex((request) => request.runId === runId);
    const [request] = this.open.splice(at, 1);
    if (outcome.kind === "delivered") this.delivered += request?.tags ?? 0;
    request?.answer(outcome);
  }

  async close(): Promise<void> {
    while (this.open.length > 0)
      this.answer({ kind: "retry", scope: "backend", code: "STEPWELL_SERVER_UNREACHABLE", reason: "closed" });
  }
}

const runIdOf = (index: number) => `${index}`.padStart(32, "0");
const DELIVERED: Outcome = { kind: "delivered", refused: [] };

test("two requests are under way at first, never two of one run, and one that hangs holds nobody else", async (t) => {
  const sink = new SlowSink();
  const { flusher, setTag, until } = await flusherOn(t, sink);
  for (let index = 0; index < 8; index++) await setTag(runIdOf(index), "a", "b");
  await until(() => sink.open.length === FIRST_PACE.limit);
  const hanging = sink.open[0]?.runId ?? "";
  // More of a run that is under way waits for its answer.
  await setTag(hanging, "a", "b");
  for (let answered = 0; answered < 7; answered++) {
    await until(() => sink.open.some(({ runId }) => runId !== hanging));
    const busy = sink.open.map(({ runId }) => runId);
    t.is(new Set(busy).size, busy.length, "one request for each run");
    sink.answer(
      DELIVERED,
      busy.find((runId) => runId !== hanging),
    );
  }
  await until(() => [...flusher.lanes()].length === 1);
  t.is(sink.delivered, 7);
  t.is(sink.peak, FIRST_PACE.limit);
  t.deepEqual(
    [...flusher.lanes()].map(({ runId, state }) => [runId, state.kind]),
    [[hanging, "sending"]],
  );
  sink.answer(DELIVERED, hanging);
  await until(() => sink.open.length === 1);
  sink.answer(DELIVERED, hanging);
  await until(() => [...flusher.lanes()].length === 0);
  t.is(sink.delivered, 9);
});

test("failures of a lane add up over its requests, and show while the next one is under way", async (t) => {
  const sink = new SlowSink();
  const { flusher, setTag, until } = await flusherOn(t, sink);
  await setTag(runIdOf(1), "a", "b");
  for (let failures = 1; failures <= 3; failures++) {
    await until(() => sink.open.length === 1);
    sink.answer({ kind: "retry", scope: "run", code: "STEPWELL_SERVER_BUSY", reason: "busy" });
    const lane = [...flusher.lanes()][0];
    await until(() => sink.open.length === 1);
    t.like(lane?.state, { kind: "sending", before: { kind: "retrying", failures, reason: "busy" } });
  }
  sink.answer(DELIVERED);
  await until(() => [...flusher.lanes()].length === 0);
  t.is([...flusher.lanes()].length, 0);
});
