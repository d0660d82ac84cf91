import test from "ava";
import { SECRET_CACHE_MS } from "../../src/model/limits.js";
import { openBook } from "./book.js";

const DAY_MS = 86_400_000;

for (const days of [-1, 1]) {
  test(`a value is read again when it is old, and not for a clock that is set by ${days} days`, async (t) => {
    const items = new Map<string, string>();
    let reads = 0;
    const { book, clock } = await openBook(t, {
      write: async (item, text) => void items.set(item, text),
      read: async (item) => {
        reads += 1;
        return items.get(item) ?? "";
      },
      remove: async (item) => void items.delete(item),
      state: async () => ({ kind: "ready" }),
    });
    const secret = await book.create("s", { k: "v" });
    const readsFor = async () => {
      const before = reads;
      t.deepEqual(await book.values(secret), { k: "v" });
      return reads - before;
    };
    t.is(await readsFor(), 1);
    clock.jump(days * DAY_MS);
    t.is(await readsFor(), 0);
    clock.move(SECRET_CACHE_MS - 1);
    t.is(await readsFor(), 0);
    clock.move(1);
    t.is(await readsFor(), 1);
  });
}
