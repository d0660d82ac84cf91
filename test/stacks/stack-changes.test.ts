import test, { type ExecutionContext } from "ava";
import type { ComponentType } from "../../src/stacks/component.js";
import { NamedMap } from "../../src/stacks/named.js";
import { StackBook } from "../../src/stacks/stack-book.js";
import { resolveTargets } from "../../src/stacks/targets.js";
import { openStore } from "../../src/store/store.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";

const TRACKER = "experiment_tracker";
const AS_IT_IS = {
  experimentTrackers: [],
  removedExperimentTrackers: [],
  artifactStore: "",
  orchestrator: "",
};

/** A book with trackers one and two, a store in a bucket, and the stack mine of one and two. */
async function setUp(t: ExecutionContext) {
  const store = await openStore(await scratchFolder(t));
  t.teardown(() => store.close());
  const book = await StackBook.open(store, new SetClock());
  const add = (
    type: ComponentType,
    name: string,
    flavor: string,
    configuration: Record<string, string> = {},
  ) => book.registerComponent({ type, name, flavor, configuration });
  await add(TRACKER, "one", "mlflow");
  await add(TRACKER, "two", "mlflow");
  await add("artifact_store", "bucket", "s3", { path: "s3://b/x" });
  const parts = { experimentTrackers: ["one", "two"], artifactStore: "", orchestrator: "" };
  await book.registerStack({ name: "mine", ...parts }, false);
  /** What the book shows, having made sure that the disk holds the same. */
  const shown = async () => {
    const again = await StackBook.open(store, new SetClock());
    for (const type of [TRACKER, "artifact_store", "orchestrator"] as const)
      t.deepEqual(again.components(type), book.components(type));
    t.deepEqual(again.stacks(), book.stacks());
    return {
      trackers: book.components(TRACKER).map(({ name }) => name),
      stacks: book
        .stacks()
        .map(({ name, experimentTrackers }) => [
          name,
          ...experimentTrackers.map((id) => book.component(TRACKER, id).name),
        ]),
    };
  };
  return { book, add, shown };
}

test("an update merges settings and labels, and an empty value removes one", async (t) => {
  const { book, shown } = await setUp(t);
  const uri = { tracking_uri: "sqlite:////a/b.db" };
  await book.updateComponent(TRACKER, "one", { configuration: uri, labels: { a: "1", b: "2" } });
  const kept = { configuration: { tracking_insecure_tls: "yes" }, labels: { a: "" } };
  const after = await book.updateComponent(TRACKER, "one", kept);
  t.deepEqual(after.configuration, { ...uri, tracking_insecure_tls: "yes" });
  t.deepEqual(after.labels, { b: "2" });
  const removed = { configuration: { tracking_uri: "" }, labels: {} };
  t.deepEqual((await book.updateComponent(TRACKER, "one", removed)).configuration, {
    tracking_insecure_tls: "yes",
  });
  const wrong = book.updateComponent(TRACKER, "one", { configuration: { tracking_ur: "x" }, labels: {} });
  t.regex((await t.throwsAsync(wrong)).message, /Did you mean "tracking_uri"\?/);
  await shown();
});

test("a renamed component stays in its stacks, and a copy is another one", async (t) => {
  const { book, shown } = await setUp(t);
  await book.renameComponent(TRACKER, "one", "first");
  const copy = await book.copyComponent(TRACKER, "first", "third");
  t.not(copy.id, book.component(TRACKER, "first").id);
  t.deepEqual(await shown(), {
    trackers: ["default", "first", "third", "two"],
    stacks: [
      ["default", "first"],
      ["mine", "first", "two"],
    ],
  });
  for (const taken of [book.renameComponent(TRACKER, "two", "first"), book.copyStack("mine", "default")])
    t.like(await t.throwsAsync(taken), { code: "STEPWELL_NAME_TAKEN" });
});

test("a component that stacks hold is not deleted, and the error names all of them", async (t) => {
  const { book, shown } = await setUp(t);
  await book.copyStack("mine", "other");
  const error = await t.throwsAsync(book.deleteComponent(TRACKER, "two"));
  t.like(error, { code: "STEPWELL_COMPONENT_IN_USE" });
  t.regex(error.message, /: mine, other\.$/);
  for (const stack of ["mine", "other"])
    await book.updateStack(stack, { ...AS_IT_IS, removedExperimentTrackers: ["two"] });
  await book.deleteComponent(TRACKER, "two");
  t.deepEqual(await shown(), {
    trackers: ["default", "one"],
    stacks: [
      ["default", "one"],
      ["mine", "one"],
      ["other", "one"],
    ],
  });
});

test("a stack's trackers are replaced in the order given, each once", async (t) => {
  const { book, shown } = await setUp(t);
  await book.updateStack("mine", { ...AS_IT_IS, experimentTrackers: ["two", "one", "two"] });
  t.deepEqual((await shown()).stacks[1], ["mine", "two", "one"]);
  await book.updateStack("mine", { ...AS_IT_IS, experimentTrackers: ["one"] });
  const absent = book.updateStack("mine", { ...AS_IT_IS, removedExperimentTrackers: ["two"] });
  t.like(await t.throwsAsync(absent), { code: "STEPWELL_COMPONENT_UNKNOWN" });
});

test("the defaults and the active stack stay", async (t) => {
  const { book } = await setUp(t);
  const change = { configuration: {}, labels: { a: "1" } };
  const fixed = [
    () => book.deleteStack("default", false),
    () => book.renameStack("default", "x"),
    () => book.updateStack("default", { ...AS_IT_IS, experimentTrackers: ["one"] }),
    () => book.deleteComponent("artifact_store", "default"),
    () => book.renameComponent("orchestrator", "default", "x"),
    () => book.updateComponent("orchestrator", "default", change),
  ];
  for (const each of fixed) t.like(await t.throwsAsync(each), { code: "STEPWELL_DEFAULT_FIXED" });
  await book.setActive("mine");
  t.like(await t.throwsAsync(book.deleteStack("mine", true)), { code: "STEPWELL_STACK_ACTIVE" });
});

test("a recursive delete takes every tracker that no other stack holds, and no default", async (t) => {
  const { book, shown } = await setUp(t);
  await book.copyComponent(TRACKER, "one", "three");
  const parts = { experimentTrackers: ["two"], artifactStore: "", orchestrator: "" };
  await book.registerStack({ name: "other", ...parts }, false);
  await book.updateStack("mine", { ...AS_IT_IS, experimentTrackers: ["two", "one", "three"] });
  const { components } = await book.deleteStack("mine", true);
  t.deepEqual(
    components.map(({ name }) => name),
    ["one", "three"],
  );
  t.deepEqual(await shown(), {
    trackers: ["default", "two"],
    stacks: [
      ["default", "default"],
      ["other", "two"],
    ],
  });
  t.is(book.component("artifact_store", "default").flavor, "local");
});

test("a tracker without a tracking_uri is refused beside a store that is not local", async (t) => {
  const { book, add } = await setUp(t);
  const toBucket = () => book.updateStack("mine", { ...AS_IT_IS, artifactStore: "bucket" });
  t.regex((await t.throwsAsync(toBucket)).message, /needs a local artifact store: "one" beside "bucket"/);
  await add(TRACKER, "db", "mlflow", { tracking_uri: "sqlite:////a.db" });
  const parts = { experimentTrackers: ["db"], artifactStore: "bucket", orchestrator: "" };
  const withUri = book.registerStack({ name: "x", ...parts }, false);
  t.regex((await t.throwsAsync(withUri)).message, /not supported yet/);
  await book.registerStack({ name: "x", ...parts, experimentTrackers: [] }, true);
  await add(TRACKER, "server", "mlflow", { tracking_uri: "https://h/mlflow", auth: "none" });
  await book.registerStack({ name: "y", ...parts, experimentTrackers: ["server"] }, true);
  t.like(resolveTargets(book, { defaultArtifactStore: "/a" }, [])[0]?.backend, {
    kind: "rest",
    uri: "https://h/mlflow",
  });
});

test("an unknown name gets a near match, and an ambiguous id its candidates", async (t) => {
  const { book } = await setUp(t);
  t.throws(() => book.stack("mnie"), { message: /Did you mean "mine"\?/ });
  t.throws(() => book.component(TRACKER, "zzzzz"), { message: /"zzzzz"\.$/ });
  const things = new NamedMap("thing", "STEPWELL_COMPONENT_UNKNOWN");
  things.put({ id: "abcd1", name: "one" });
  things.put({ id: "abcd2", name: "two" });
  t.throws(() => things.find("abcd"), { message: /begin with abcd: one \(abcd1\), two \(abcd2\)\.$/ });
  t.is(things.find("abcd2").name, "two");
  t.throws(() => things.find("abc"), { code: "STEPWELL_COMPONENT_UNKNOWN" });
});
