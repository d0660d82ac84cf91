import test from "ava";
import * as fc from "fast-check";
import { inOrder } from "../../src/reading/key-order.js";

const words = fc
  .array(fc.constantFrom("a", "b", "A", "0", "1", "2", "10", "007", "/", "_", "é", "漢"), { maxLength: 7 })
  .map((parts) => parts.join(""));

test("numbers stand by their value, letters whether they are capital or not", (t) => {
  const keys = ["k10", "K2", "k1", "k02", "loss", "LR", "k1/a", "9", "10", "k123456789012345678901", "k99"];
  t.deepEqual(inOrder(keys), [
    ...["9", "10", "k1", "k1/a", "K2", "k02", "k10", "k99", "k123456789012345678901", "loss", "LR"],
  ]);
});

test("two names stand to one another the same way wherever they were and whatever stands beside them", (t) => {
  fc.assert(
    fc.property(fc.uniqueArray(words, { minLength: 2, maxLength: 12 }), (names) => {
      const shown = inOrder(names);
      const isSame = [...inOrder([...names].reverse())].join() === shown.join();
      return isSame && shown.slice(1).every((name, at) => inOrder([name, shown[at] ?? ""])[1] === name);
    }),
    { numRuns: 5_000 },
  );
  t.deepEqual(inOrder(["a", "a"]), ["a", "a"]);
});

test("numbers of any length stand by their value", (t) => {
  const number = fc.bigInt({ min: 0n, max: 10n ** 60n });
  const length = fc.integer({ min: 0, max: 60 });
  fc.assert(
    fc.property(number, length, number, length, (one, oneCut, other, otherCut) => {
      const [a, b] = [one / 10n ** BigInt(oneCut), other / 10n ** BigInt(otherCut)];
      return a === b || inOrder([`k${a}/x`, `k0${b}/x`])[0] === (a < b ? `k${a}/x` : `k0${b}/x`);
    }),
    { numRuns: 5_000 },
  );
  t.pass();
});

test("words of small letters and numbers stand as Intl has them", (t) => {
  const { compare } = new Intl.Collator("en", { numeric: true });
  const plain = fc
    .array(fc.constantFrom("a", "b", "z", "1", "20", "3"), { maxLength: 7 })
    .map((all) => all.join(""));
  fc.assert(
    fc.property(
      plain,
      plain,
      (a, b) => compare(a, b) === 0 || inOrder([a, b])[0] === (compare(a, b) < 0 ? a : b),
    ),
    { numRuns: 2_000 },
  );
  t.pass();
});
