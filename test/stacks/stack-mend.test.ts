/** Components and stacks that lost rows, or got them back. */
import test from "ava";
import fc from "fast-check";
import { StackBook } from "../../src/stacks/stack-book.js";
import { giveOwnTracker, mendStacks } from "../../src/stacks/stack-mend.js";
import { TABLES } from "../../src/store/tables.js";
import { SetClock } from "../support/clock.js";
import { memoryStore } from "../torture/memory-store.js";

let births = 0;
const birth = () => ({ id: (births++).toString(16).padStart(32, "0"), createdMs: 0 });

async function filled() {
  const store = memoryStore();
  const clock = new SetClock();
  const book = await StackBook.open(store, clock);
  const tracker = (name: string) => ({
    type: "experiment_tracker" as const,
    name,
    flavor: "mlflow",
    configuration: {},
  });
  for (const name of ["one", "two"]) await book.registerComponent(tracker(name));
  const parts = { artifactStore: "", orchestrator: "" };
  await book.registerStack({ name: "mine", experimentTrackers: ["two", "one"], ...parts }, true);
  clock.move(1);
  // As rows that were deleted once, and are back.
  const old = await store.list<{ id: string; createdMs: number }>(TABLES.component);
  for (const { value } of old) {
    const back = { ...value, ...birth(), createdMs: -1 };
    await store.write([{ table: TABLES.component, key: back.id, value: back }], { sync: true });
  }
  return { store, clock };
}

test("what is whole stays as it is", async (t) => {
  const store = memoryStore();
  await StackBook.open(store, new SetClock());
  const before = await store.list(TABLES.stack);
  await mendStacks(store, () => t.fail("nothing is to be made") as never);
  t.deepEqual(await store.list(TABLES.stack), before);
});

test("whichever rows are lost, stacks hold what is there, there is a default one, and a name is one thing's", async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.boolean()), async (coins) => {
      const { store, clock } = await filled();
      let kept = 0;
      for (const table of [TABLES.component, TABLES.stack, TABLES.active]) {
        for (const { key } of await store.list(table)) {
          if (coins.next().value) kept += 1;
          else await store.write([{ table, key, value: undefined }], { sync: true });
        }
      }
      await mendStacks(store, birth);
      const rows = [...(await store.list(TABLES.component)), ...(await store.list(TABLES.stack))];
      t.true(rows.length + 1 >= kept, "nothing that was there is dropped");
      const book = await StackBook.open(store, clock);
      t.truthy(book.active.name);
      t.is(book.stack("default").name, "default");
      for (const stack of book.stacks()) {
        t.is(book.component("artifact_store", stack.artifactStore).id, stack.artifactStore);
        t.is(book.component("orchestrator", stack.orchestrator).id, stack.orchestrator);
        for (const id of stack.experimentTrackers) t.is(book.component("experiment_tracker", id).id, id);
      }
      for (const type of ["experiment_tracker", "artifact_store", "orchestrator"] as const) {
        const names = book.components(type).map(({ name }) => name);
        t.is(new Set(names).size, names.length);
      }
      t.is(book.component("artifact_store", "default").name, "default");
    }),
  );
});

test("a name goes to the newest that has it", async (t) => {
  const { store, clock } = await filled();
  await mendStacks(store, birth);
  const book = await StackBook.open(store, clock);
  t.true(book.component("experiment_tracker", "one").createdMs >= 0);
  t.is(book.components("experiment_tracker").length, 6);
});

test("a home of before there was one gets its own tracker, unless somebody registered any", async (t) => {
  for (const registered of [false, true]) {
    const store = memoryStore();
    const before = await StackBook.open(store, new SetClock());
    const [own] = before.components("experiment_tracker");
    const old = { ...before.stack("default"), experimentTrackers: [] };
    await store.write(
      [
        {
          table: TABLES.component,
          key: own?.id ?? "",
          value: registered ? { ...own, name: "mine" } : undefined,
        },
        { table: TABLES.stack, key: old.id, value: old },
      ],
      { sync: true },
    );
    for (let times = 0; times < 2; times++) await giveOwnTracker(store, birth);
    const book = await StackBook.open(store, new SetClock());
    const held = book.active.experimentTrackers.map((id) => book.component("experiment_tracker", id).name);
    t.deepEqual(held, registered ? [] : ["default"]);
    t.deepEqual(
      book.components("experiment_tracker").map(({ name }) => name),
      [registered ? "mine" : "default"],
    );
  }
});

test("a default stack that lost its tracker gets the home's own", async (t) => {
  for (const lost of ["mine", "default"]) {
    const store = memoryStore();
    const before = await StackBook.open(store, new SetClock());
    if (lost === "mine")
      await before.registerComponent({
        type: "experiment_tracker",
        name: "mine",
        flavor: "mlflow",
        configuration: {},
      });
    const { id } = before.component("experiment_tracker", lost);
    await store.write([{ table: TABLES.component, key: id, value: undefined }], { sync: true });
    await mendStacks(store, birth);
    const book = await StackBook.open(store, new SetClock());
    t.is(book.componentOrActive("experiment_tracker", "").name, "default");
  }
});
