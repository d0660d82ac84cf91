import test from "ava";
import fc from "fast-check";
import { DueHeap } from "../../src/flush/due-heap.js";

const ITEM = fc.integer({ min: 0, max: 12 });
const EVENT = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), item: ITEM, dueMs: fc.nat(20) }),
  fc.record({ kind: fc.constant("delete" as const), item: ITEM }),
  fc.record({ kind: fc.constant("take" as const), nowMs: fc.nat(20) }),
);

test("it gives what a sorted list would give, in the same order", (t) => {
  fc.assert(
    fc.property(fc.array(EVENT, { maxLength: 80 }), (events) => {
      const heap = new DueHeap<number>();
      let list: { item: number; dueMs: number }[] = [];
      for (const event of events) {
        if (event.kind !== "take") {
          list = list.filter(({ item }) => item !== event.item);
          if (event.kind === "delete") heap.delete(event.item);
          else {
            heap.set(event.item, event.dueMs);
            list.push({ item: event.item, dueMs: event.dueMs });
          }
        } else {
          // A stable sort: of two that are due together the one that was set first comes first.
          const [first] = list.toSorted((one, other) => one.dueMs - other.dueMs);
          const due = first && first.dueMs <= event.nowMs ? first : undefined;
          t.is(heap.take(event.nowMs), due?.item);
          list = list.filter((each) => each !== due);
        }
        t.is(heap.size, list.length);
        t.is(heap.firstDueMs, Math.min(...list.map(({ dueMs }) => dueMs)));
        const held = [...heap.items()].toSorted((one, other) => one - other);
        t.deepEqual(
          held,
          list.map(({ item }) => item).toSorted((one, other) => one - other),
        );
        const due = list.filter(({ dueMs }) => dueMs <= 10).length;
        t.is(heap.countDue(10, 5), Math.min(5, due));
      }
    }),
  );
});
