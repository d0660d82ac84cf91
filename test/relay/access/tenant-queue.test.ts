/** Groups of packs are fair between tenants, and pass over who may not go. */
import test from "ava";
import { type Allowance, TenantQueue, type TenantWaiting } from "../../../src/relay/access/tenant-queue.js";

const ALL: Allowance = { mayGo: () => true, spend: () => undefined };
const KIB = 1_024;

let count = 0;
function item(tenant: string, parts: Partial<TenantWaiting> = {}): TenantWaiting {
  return { tenant, flow: `${tenant}-home`, key: `${++count}`, bytes: 16 * KIB, points: 100, ...parts };
}

/** Takes so many and no more. */
function atMost(most: number): () => boolean {
  let left = most;
  return () => left-- > 0;
}

function counts(items: readonly TenantWaiting[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { tenant } of items) found[tenant] = (found[tenant] ?? 0) + 1;
  return found;
}

test("a tenant with a thousand homes takes as much of a group as one with a single home", (t) => {
  const queue = new TenantQueue<TenantWaiting>(() => ALL);
  for (let home = 0; home < 1_000; home++) queue.add(item("many", { flow: `home-${home}` }));
  for (let run = 0; run < 100; run++) queue.add(item("one"));
  const taken = { many: 0, one: 0 };
  for (let group = 0; group < 10; group++) {
    const next = queue.next(atMost(16));
    t.is(next.length, 16);
    for (const { tenant } of next) taken[tenant as "many" | "one"] += 1;
    queue.done(next);
  }
  t.is(taken.many + taken.one, 160);
  t.true(Math.abs(taken.many - taken.one) <= 8, JSON.stringify(taken));
  t.is(queue.size, 1_100 - 160);
  t.is(queue.backlogOf("one").packs, 100 - taken.one);
});

test("shares are of bytes: large packs take no more than small ones", (t) => {
  const queue = new TenantQueue<TenantWaiting>(() => ALL);
  for (let each = 0; each < 200; each++) queue.add(item("large", { bytes: 300 * KIB }));
  for (let each = 0; each < 2_000; each++) queue.add(item("small", { bytes: 10 * KIB }));
  const bytes: Record<string, number> = { large: 0, small: 0 };
  for (let group = 0; group < 20; group++) {
    let left = 1_500 * KIB;
    const next = queue.next((each) => {
      if (each.bytes > left) return false;
      left -= each.bytes;
      return true;
    });
    for (const each of next) bytes[each.tenant] = (bytes[each.tenant] ?? 0) + each.bytes;
    queue.done(next);
  }
  const ratio = (bytes["large"] ?? 0) / (bytes["small"] ?? 1);
  t.true(ratio > 0.7 && ratio < 1.4, `${ratio}`);
});

test("who may not go waits, in order, and keeps nobody else from going", (t) => {
  let blocked = "a";
  const queue = new TenantQueue<TenantWaiting>(() => ({ ...ALL, mayGo: (tenant) => tenant !== blocked }));
  const first = item("a");
  const second = item("a");
  for (const each of [first, second, item("b"), item("b")]) queue.add(each);
  t.deepEqual(counts(queue.next(() => true)), { b: 2 });
  t.deepEqual(
    queue.next(() => true),
    [],
  );
  t.deepEqual(queue.backlogOf("a"), { packs: 2, points: 200, bytes: 32 * KIB });
  blocked = "";
  t.deepEqual(
    queue.next(() => true),
    [first, second],
  );
  t.deepEqual(queue.backlogOf("a"), { packs: 0, points: 0, bytes: 0 });
});

test("a budget that ends within a group ends its tenant's part of it", (t) => {
  let left = 250;
  const queue = new TenantQueue<TenantWaiting>(() => ({
    mayGo: (tenant) => tenant !== "a" || left > 0,
    spend: (tenant, { points }) => {
      if (tenant === "a") left -= points;
    },
  }));
  for (let each = 0; each < 10; each++) queue.add(item("a"));
  for (let each = 0; each < 10; each++) queue.add(item("b"));
  t.deepEqual(counts(queue.next(() => true)), { a: 3, b: 10 });
  t.is(left, -50);
});

test("a home's run is under way once, whoever sends it", (t) => {
  const queue = new TenantQueue<TenantWaiting>(() => ALL);
  queue.add(item("a", { key: "home/run" }));
  queue.add(item("b", { key: "home/run" }));
  const first = queue.next(() => true);
  t.is(first.length, 1);
  t.deepEqual(
    queue.next(() => true),
    [],
  );
  queue.done(first);
  t.is(queue.next(() => true).length, 1);
});

test("what nobody waits for is taken out of all tenants", (t) => {
  const queue = new TenantQueue<TenantWaiting>(() => ALL);
  for (const tenant of ["a", "b", "a"]) queue.add(item(tenant));
  t.is(queue.removeAll(({ tenant }) => tenant === "a").length, 2);
  t.is(queue.size, 1);
  t.deepEqual(counts(queue.next(() => true)), { b: 1 });
});
