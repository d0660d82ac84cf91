/** A pack that is in the backend though nobody heard so, and what is said before its run's cursor is compared again. */
import test from "ava";
import type { Cursor } from "../../src/model/cursor.js";
import { isAsBelieved } from "../../src/model/cursor.js";
import type { Pack } from "../../src/model/pack.js";
import type { CursorKeeper, Outcome, Sink } from "../../src/sinks/sink.js";
import { flusherOn } from "./flusher-on.js";

const RUN = "cd".repeat(16);
const FAULT = { scope: "backend", reason: "It is not there." } as const;
const IN_DOUBT: Outcome = { ...FAULT, kind: "retry", code: "STEPWELL_SERVER_UNREACHABLE" };

/** A backend with a cursor, which says something else now and then, whatever it has done. */
class DoubtfulSink implements Sink {
  readonly limits = { pointsMax: 1_000, textsMax: 100, packsMax: 10, requestsMax: 1 };
  readonly cursors: CursorKeeper = { look: async () => ({ kind: "as left" }), standing: async () => [] };
  readonly packs: Pack[] = [];
  cursor: Cursor | undefined;
  /** What is said in place of the next answers, and whether the pack is written all the same. */
  readonly said: { readonly outcome: Outcome; readonly isWritten: boolean }[] = [];

  async send([pack]: readonly Pack[]): Promise<Outcome[]> {
    if (!pack) return [];
    this.packs.push(pack);
    const { outcome, isWritten } = this.said.shift() ?? { outcome: undefined, isWritten: true };
    const written = isWritten ? this.#write(pack) : undefined;
    return [outcome ?? written ?? IN_DOUBT];
  }

  #write({ author, after, lastSeq: seq, pointsThrough: points, bytesThrough: bytes }: Pack): Outcome {
    const { homeId, incarnation } = author;
    if (!isAsBelieved(this.cursor, after)) return { kind: "elsewhere", homeId, cursor: this.cursor };
    this.cursor = { seq, points, bytes, incarnation };
    return { kind: "delivered", refused: [] };
  }

  async close(): Promise<void> {}
}

const BETWEEN: readonly Outcome[] = [
  { ...FAULT, kind: "hold", code: "STEPWELL_NOT_AUTHENTICATED" },
  { ...FAULT, kind: "hold", code: "STEPWELL_TLS_FAILED" },
  { kind: "refused", code: "STEPWELL_MESSAGE_TOO_LARGE", reason: "It is too large." },
];

for (const outcome of BETWEEN) {
  test(`what a backend had before it said ${outcome.kind} ${"code" in outcome ? outcome.code : ""} is this home's own`, async (t) => {
    const sink = new DoubtfulSink();
    const { flusher, history, setTag, until } = await flusherOn(t, sink);
    const { homeId } = history;
    await setTag(RUN, "a", "1");
    await until(() => [...flusher.lanes()].length === 0);
    sink.said.push({ outcome: IN_DOUBT, isWritten: true }, { outcome, isWritten: false });
    await setTag(RUN, "b", "2");
    await until(() => sink.said.length === 1);
    // The next packs end elsewhere than the one in doubt.
    await setTag(RUN, "c", "3");
    await setTag(RUN, "d", "4");
    await until(() => [...flusher.lanes()].length === 0);
    t.deepEqual(
      sink.packs.at(-1)?.tags.map(({ key }) => key),
      ["c", "d"],
    );
    t.is(sink.cursor?.seq, sink.packs.at(-1)?.lastSeq);
    t.is(history.homeId, homeId, "it takes itself for no copy");
  });
}
