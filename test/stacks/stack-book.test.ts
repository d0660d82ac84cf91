import test, { type ExecutionContext } from "ava";
import { StackBook } from "../../src/stacks/stack-book.js";
import { resolveTargets } from "../../src/stacks/targets.js";
import { openStore } from "../../src/store/store.js";
import { TABLES } from "../../src/store/tables.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";

const FOLDERS = { defaultArtifactStore: "/artifacts" };
const tracker = (name: string, configuration: Record<string, string> = {}) =>
  ({ type: "experiment_tracker", name, flavor: "mlflow", configuration }) as const;
const stack = (name: string, experimentTrackers: string[]) => ({
  name,
  experimentTrackers,
  artifactStore: "",
  orchestrator: "",
});

const namesOf = (book: StackBook) => book.components("experiment_tracker").map(({ name }) => name);

async function setUp(t: ExecutionContext) {
  const folder = await scratchFolder(t);
  const store = await openStore(folder);
  t.teardown(() => store.close());
  return { store, book: await StackBook.open(store, new SetClock()) };
}

test("a new home has a default stack with a tracker, a local store and an orchestrator", async (t) => {
  const { book } = await setUp(t);
  const [own, ...others] = book.components("experiment_tracker");
  t.like(own, { name: "default", flavor: "mlflow", configuration: {} });
  t.is(others.length, 0);
  t.like(book.active, { name: "default", experimentTrackers: [own?.id] });
  t.deepEqual(
    book.components("artifact_store").map((each) => [each.name, each.flavor]),
    [["default", "local"]],
  );
  t.deepEqual(
    book.components("orchestrator").map((each) => each.name),
    ["default"],
  );
});

test("what was registered is there after the store is opened again", async (t) => {
  const { book, store } = await setUp(t);
  const one = await book.registerComponent(tracker("one"));
  await book.registerStack(stack("mine", ["one"]), true);
  const again = await StackBook.open(store, new SetClock());
  t.deepEqual(again.component("experiment_tracker", "one"), one);
  t.is(again.active.name, "mine");
  t.deepEqual(again.active.experimentTrackers, [one.id]);
});

test("a component is found by its name, its id and a unique prefix of its id", async (t) => {
  const { book } = await setUp(t);
  const one = await book.registerComponent(tracker("one"));
  for (const key of ["one", one.id, one.id.slice(0, 8), one.id.slice(0, 4)])
    t.is(book.component("experiment_tracker", key), one);
  t.throws(() => book.component("experiment_tracker", one.id.slice(0, 3)), {
    message: /no experiment tracker/,
  });
  t.throws(() => book.component("experiment_tracker", "two"), { message: /no experiment tracker "two"/ });
  t.throws(() => book.stack(""), { message: /no stack ""/ });
});

test("of registrations of one name at the same time one is made and the others are refused", async (t) => {
  const { book } = await setUp(t);
  const all = await Promise.allSettled(
    Array.from({ length: 5 }, () => book.registerComponent(tracker("one"))),
  );
  t.is(all.filter((each) => each.status === "fulfilled").length, 1);
  t.deepEqual(namesOf(book), ["default", "one"]);
});

const REFUSED: readonly [string, Parameters<StackBook["registerComponent"]>[0], string][] = [
  ["an unknown flavor", { ...tracker("x"), flavor: "wandb" }, "STEPWELL_FLAVOR_UNKNOWN"],
  ["an unknown setting", tracker("x", { uri: "y" }), "STEPWELL_CONFIG_INVALID"],
  [
    "a server without a way to authenticate",
    tracker("x", { tracking_uri: "http://h" }),
    "STEPWELL_CONFIG_INVALID",
  ],
  ["a relative database path", tracker("x", { tracking_uri: "sqlite:///a.db" }), "STEPWELL_CONFIG_INVALID"],
  ["an empty name", tracker(""), "STEPWELL_NAME_INVALID"],
  ["a name with a line break", tracker("a\nb"), "STEPWELL_NAME_INVALID"],
  ["a name of 256 characters", tracker("é".repeat(256)), "STEPWELL_NAME_INVALID"],
  ["a name like an option", tracker("-x"), "STEPWELL_NAME_INVALID"],
  ["a name like a reference", tracker("a {{b.c}}"), "STEPWELL_NAME_INVALID"],
  [
    "an experiment's name that is too long",
    tracker("x", { experiment_name: "e".repeat(501) }),
    "STEPWELL_EXPERIMENT_INVALID",
  ],
  ["a tag with a key that MLflow refuses", tracker("x", { tags: '{"a?": "b"}' }), "STEPWELL_KEY_INVALID"],
  [
    "a tag that is too long",
    tracker("x", { tags: JSON.stringify({ a: "b".repeat(8_001) }) }),
    "STEPWELL_VALUE_TOO_LONG",
  ],
];

for (const [what, wanted, code] of REFUSED) {
  test(`${what} is refused at registration`, async (t) => {
    const { book } = await setUp(t);
    const error = await t.throwsAsync(book.registerComponent(wanted));
    t.like(error, { code });
  });
}

test("names may have what ZenML's may: signs, slashes, 255 characters of any script", async (t) => {
  const { book } = await setUp(t);
  for (const name of ["team/vision (v2) #1: +50%", "漢".repeat(255), "_x", "a,b"])
    t.is((await book.registerComponent(tracker(name))).name, name);
});

test("a run without a wish goes to the active stack's first tracker, beside its artifact store", async (t) => {
  const { book } = await setUp(t);
  await book.registerStack(stack("bare", []), true);
  t.throws(() => resolveTargets(book, FOLDERS, []), { message: /has no experiment tracker/ });
  for (const name of ["one", "two"]) await book.registerComponent(tracker(name));
  await book.registerStack(stack("mine", ["two", "one"]), true);
  const [target, ...others] = resolveTargets(book, FOLDERS, []);
  t.is(others.length, 0);
  t.is(target?.tracker, "two");
  t.deepEqual(target?.backend, {
    kind: "sqlite",
    databasePath: "/artifacts/mlflow.db",
    artifactRoot: "/artifacts/mlflow_artifacts",
  });
});

test("a run in a new home goes to a local store, and to the first tracker that is registered until that is deleted", async (t) => {
  const { book } = await setUp(t);
  const goesTo = () => resolveTargets(book, FOLDERS, []).map(({ tracker: name }) => name);
  t.deepEqual(goesTo(), ["default"]);
  t.like(resolveTargets(book, FOLDERS, [])[0]?.backend, { databasePath: "/artifacts/mlflow.db" });
  const notes: string[] = [];
  await book.registerComponent(tracker("one"), { notes });
  await book.registerComponent(tracker("two"), { notes });
  t.deepEqual(goesTo(), ["one"]);
  await book.deleteComponent("experiment_tracker", "one", { notes });
  t.deepEqual(goesTo(), ["default"]);
  await book.registerComponent(tracker("three"), { notes, validateOnly: true });
  t.deepEqual(goesTo(), ["default"]);
  await book.registerStack(stack("local", ["two"]), true);
  await book.registerComponent(tracker("three"), { notes });
  t.deepEqual(goesTo(), ["two"]);
  await book.registerStack(stack("other", ["three"]), true);
  await book.deleteStack("local", true, { notes });
  // What the default stack took by itself is no use of it.
  const inUse = await t.throwsAsync(book.deleteComponent("experiment_tracker", "three"));
  t.regex(inUse.message, /in use by: other\.$/);
  const back = "To change that: stepwell stack register local -e default --set.";
  t.deepEqual(notes, [
    `New runs go to one instead of the local store. ${back}`,
    "New runs go to the local store again, the tracker default.",
    `New runs go to three instead of the local store. ${back}`,
    "New runs of the stack default go to three instead of the local store.",
  ]);
});

test("the home's own tracker stays as it is; a user's of its name, of an older home, does not have to", async (t) => {
  const { book, store } = await setUp(t);
  const type = "experiment_tracker";
  const own = book.component(type, "default");
  const labels = { configuration: {}, labels: { a: "1" } };
  for (const change of [
    () => book.deleteComponent(type, "default"),
    () => book.renameComponent(type, "default", "x"),
    () => book.updateComponent(type, "default", labels),
  ])
    t.like(await t.throwsAsync(change), { code: "STEPWELL_DEFAULT_FIXED" });
  const theirs = { ...own, configuration: { tracking_uri: "https://h", auth: "none" } };
  await store.write([{ table: TABLES.component, key: own.id, value: theirs }], { sync: true });
  const again = await StackBook.open(store, new SetClock());
  t.like(await again.updateComponent(type, "default", labels), { labels: { a: "1" } });
});

test("a run goes to each tracker that it names, once", async (t) => {
  const { book } = await setUp(t);
  await book.registerComponent(tracker("one"));
  await book.registerComponent(tracker("two", { tracking_uri: "sqlite:////elsewhere/x.db" }));
  const targets = resolveTargets(book, FOLDERS, ["two", "one", "two"]);
  t.deepEqual(
    targets.map((target) => target.tracker),
    ["two", "one"],
  );
  t.like(targets[0]?.backend, { kind: "sqlite", databasePath: "/elsewhere/x.db" });
  t.throws(() => resolveTargets(book, FOLDERS, ["three"]), { message: /no experiment tracker "three"/ });
});
