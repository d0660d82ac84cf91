import test from "ava";
import fc from "fast-check";
import { SegmentRuns } from "../../src/journal/segment-runs.js";

const RUN = fc.integer({ min: 1, max: 5 });
const EVENT = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), run: RUN, bytes: fc.integer({ min: 1, max: 99 }) }),
  fc.record({ kind: fc.constant("release" as const), run: RUN }),
);

test("what is needed is the sum over the runs that are outstanding, whatever came and went", (t) => {
  const found = fc.dictionary(fc.constantFrom("1", "2", "3"), fc.option(fc.nat(99), { nil: undefined }));
  fc.assert(
    fc.property(found, fc.array(EVENT, { maxLength: 40 }), (before, events) => {
      const runs = new SegmentRuns();
      const bytes = new Map<number, number>();
      for (const [run, size] of Object.entries(before)) {
        runs.found(Number(run), 1, size);
        if (size !== undefined) bytes.set(Number(run), size);
      }
      for (const [index, event] of events.entries()) {
        if (event.kind === "release") runs.release(event.run);
        else {
          runs.add(event.run, index + 2, event.bytes);
          bytes.set(event.run, (bytes.get(event.run) ?? 0) + event.bytes);
        }
      }
      const sum = [...runs.outstanding.keys()].reduce((all, run) => all + (bytes.get(run) ?? 1_000), 0);
      t.is(runs.neededBytes(1_000), sum);
      const kept = [...runs.outstanding.keys()];
      runs.keepOnly(kept);
      t.is(
        runs.measuredBytes(),
        kept.reduce((all, run) => all + (bytes.get(run) ?? 0), 0),
      );
    }),
  );
});
