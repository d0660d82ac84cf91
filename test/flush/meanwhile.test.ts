/** A run is set back, as where its store went back, while a pack of it is read or under way, or a hole of it is told. */
import test from "ava";
import type { Pack } from "../../src/model/pack.js";
import { deliveredTo } from "../../src/runs/run.js";
import type { CursorKeeper, Outcome, Sink } from "../../src/sinks/sink.js";
import { signal } from "../support/signal.js";
import { flusherOn } from "./flusher-on.js";

const RUN = "ab".repeat(16);
const NOWHERE = { seq: 0, points: 0, bytes: 0, cursor: undefined };

/** A backend with cursors that takes all. */
class TakingSink implements Sink {
  readonly limits = { pointsMax: 1_000, textsMax: 100, packsMax: 10, requestsMax: 1 };
  readonly cursors: CursorKeeper = { look: async () => ({ kind: "as left" }), standing: async () => [] };
  readonly packs: Pack[] = [];
  /** Called before it answers. */
  meanwhile: () => void | Promise<void> = () => undefined;
  answer: (pack: Pack) => Outcome = () => ({ kind: "delivered", refused: [] });

  async send(packs: readonly Pack[]): Promise<Outcome[]> {
    this.packs.push(...packs);
    await this.meanwhile();
    return packs.map((pack) => this.answer(pack));
  }

  async close(): Promise<void> {}
}

const keysOf = (packs: readonly Pack[]) => packs.map(({ tags }) => tags.map(({ key }) => key).join(""));

for (const moment of ["its records are read", "its pack is under way", "a hole of it is told"] as const) {
  test(`a run whose store is found to have gone back while ${moment} goes on from there`, async (t) => {
    const sink = new TakingSink();
    const { flusher, runs, journal, deadLetters, target, setTag, until } = await flusherOn(t, sink);
    await setTag(RUN, "a", "1");
    await until(() => [...flusher.lanes()].length === 0);
    const setBack = () => {
      const run = runs.find(RUN);
      if (run)
        runs.advance(RUN, target.trackerId, { ...NOWHERE, forgot: deliveredTo(run, target.trackerId) });
    };
    const read = journal.read.bind(journal);
    const park = deadLetters.park.bind(deadLetters);
    if (moment !== "its pack is under way")
      journal.read = async (...asked) => {
        const found = await read(...asked);
        if (found.length < 2) return found;
        journal.read = read;
        if (moment === "its records are read") setBack();
        return moment === "its records are read" ? found : found.slice(1);
      };
    if (moment === "its pack is under way")
      sink.meanwhile = () => {
        sink.meanwhile = () => undefined;
        setBack();
      };
    if (moment === "a hole of it is told")
      deadLetters.park = async (...letters) => {
        deadLetters.park = park;
        await park(...letters);
        setBack();
      };
    await setTag(RUN, "b", "2");
    await setTag(RUN, "c", "3");
    await until(() => [...flusher.lanes()].length === 0);
    const sent = moment === "its pack is under way" ? ["a", "bc", "abc"] : ["a", "abc"];
    t.deepEqual(keysOf(sink.packs), sent);
  });
}

test("what is under way of a run while it is set back is found again as this home's own", async (t) => {
  const sink = new TakingSink();
  const { flusher, runs, history, target, setTag, until } = await flusherOn(t, sink);
  await setTag(RUN, "a", "1");
  await until(() => sink.packs.length === 1 && [...flusher.lanes()].length === 0);
  const { author } = history;
  sink.meanwhile = async () => {
    sink.meanwhile = () => undefined;
    runs.advance(RUN, target.trackerId, NOWHERE);
    await setTag(RUN, "c", "3");
  };
  sink.answer = ({ after }) => {
    const [, second] = sink.packs;
    if (after || !second || sink.packs.length < 3) return { kind: "delivered", refused: [] };
    const { lastSeq: seq, pointsThrough: points, bytesThrough: bytes } = second;
    const cursor = { seq, points, bytes, incarnation: author.incarnation };
    return { kind: "elsewhere", homeId: author.homeId, cursor };
  };
  await setTag(RUN, "b", "2");
  await until(() => sink.packs.length >= 4 && [...flusher.lanes()].length === 0);
  t.deepEqual(keysOf(sink.packs), ["a", "b", "abc", "c"]);
  t.is(history.homeId, author.homeId, "it takes itself for no copy");
});

test("what a backend has answered is settled once that is waited for", async (t) => {
  const sink = new TakingSink();
  const [answered, answer] = signal();
  sink.meanwhile = () => answered;
  const { flusher, runs, target, setTag, until } = await flusherOn(t, sink);
  await setTag(RUN, "a", "1");
  await until(() => sink.packs.length === 1);
  const settled = flusher.settled();
  answer();
  await settled;
  const run = runs.find(RUN);
  t.is(run && deliveredTo(run, target.trackerId).seq, sink.packs[0]?.lastSeq);
});
