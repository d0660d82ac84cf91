/** Who may use the gateway, and for how long. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { Passes } from "../../src/gateway/passes.js";
import { GATEWAY_PASS_GRACE_MS, GATEWAY_PASS_MS } from "../../src/model/limits.js";
import { openStore } from "../../src/store/store.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";

async function setUp(t: ExecutionContext) {
  const folder = await scratchFolder(t);
  const store = await openStore(join(folder, "state"));
  t.teardown(() => store.close().catch(() => undefined));
  const clock = new SetClock();
  return { folder, store, clock, passes: await Passes.open(store, clock) };
}

test("a pass opens its tracker, for the next daemon too, and any other text opens nothing", async (t) => {
  const { store, clock, passes } = await setUp(t);
  const pass = await passes.issue("t1", "");
  t.regex(pass, /^[\w-]{24}$/);
  t.is(passes.find(pass)?.trackerId, "t1");
  t.is((await Passes.open(store, clock)).find(pass)?.trackerId, "t1");
  for (const text of ["", pass.slice(1), `${pass}x`, pass.toLowerCase()])
    t.is(passes.find(text), undefined, text);
});

test("the state store holds no pass", async (t) => {
  const { folder, store, passes } = await setUp(t);
  const pass = await passes.issue("t1", "");
  await store.close();
  for (const name of readdirSync(join(folder, "state")))
    t.false(readFileSync(join(folder, "state", name)).includes(pass), name);
});

test("a pass that is used lives on, and one that is not ends", async (t) => {
  const { store, clock, passes } = await setUp(t);
  const [used, idle] = [await passes.issue("t1", ""), await passes.issue("t1", "")];
  for (let part = 0; part < 3; part++) {
    clock.move(GATEWAY_PASS_MS / 2);
    t.truthy(passes.find(used));
  }
  t.is(passes.find(idle), undefined);
  t.is((await Passes.open(store, clock)).find(idle), undefined);
});

test("a wall clock that somebody sets ends no pass of a program that runs", async (t) => {
  const { clock, passes } = await setUp(t);
  const pass = await passes.issue("t1", "");
  clock.jump(10 * GATEWAY_PASS_MS);
  t.truthy(passes.find(pass));
});

test("a step's passes end soon after the step, and nobody else's do", async (t) => {
  const { clock, passes } = await setUp(t);
  const [step, other, shell] = [
    await passes.issue("t1", "s1"),
    await passes.issue("t1", "s2"),
    await passes.issue("t1", ""),
  ];
  await passes.end("s1", undefined);
  t.truthy(passes.find(step), "its process may say a last word");
  clock.move(GATEWAY_PASS_GRACE_MS + 1);
  t.is(passes.find(step), undefined);
  t.truthy(passes.find(other));
  t.truthy(passes.find(shell));
});

test("a pass that was used goes to the step of the same process that goes on, and ends with it", async (t) => {
  const { clock, passes } = await setUp(t);
  const [used, unused] = [await passes.issue("t1", "s1"), await passes.issue("t1", "s1")];
  passes.find(used);
  await passes.end("s1", "s2");
  clock.move(GATEWAY_PASS_GRACE_MS + 1);
  t.deepEqual([passes.find(used) !== undefined, passes.find(unused)], [true, undefined]);
  await passes.end("s2", undefined);
  clock.move(GATEWAY_PASS_GRACE_MS + 1);
  t.is(passes.find(used), undefined);
});
