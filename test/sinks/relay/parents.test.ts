/** A relay gets a run's parents by the ids that its backend has, whatever ids the records name them by. */
import test from "ava";
import { FakeStore } from "../../relay/fake-store.js";
import { type HomeSink, packFor, relayFor, runId, sinkTo } from "../../relay/relay.js";

const THEIRS = "f".repeat(32);

const child = (home: HomeSink, named: string, parents?: ReadonlyMap<string, string>) => {
  const pack = packFor({ run: 2, tags: [{ key: "mlflow.parentRunId", value: named }] });
  home.aliases.set(THEIRS, runId(1));
  return parents ? { ...pack, parents } : pack;
};

test("a parent that a tag names by a server's id has ours where the backend has ours", async (t) => {
  const { store, uri } = await relayFor(t);
  const home = sinkTo(t, uri);
  t.like((await home.sink.send([child(home, THEIRS)]))[0], { kind: "delivered" });
  t.deepEqual(store.groups.flat()[0]?.tags, [{ key: "mlflow.parentRunId", value: runId(1) }]);
});

test("before a server it has the server's, once the parent is made there", async (t) => {
  const store = Object.assign(new FakeStore(), { keepsCursors: false });
  const { uri } = await relayFor(t, { store });
  const home = sinkTo(t, uri);
  home.expected.add(runId(1));
  const pack = child(home, runId(1));
  const named = pack.start ? { ...pack, start: { ...pack.start, parentRunId: runId(1) } } : pack;
  t.like((await home.sink.send([named]))[0], { kind: "retry", scope: "run", code: "STEPWELL_SERVER_BUSY" });
  t.deepEqual(store.groups, []);
  home.runs.set(runId(1), { kind: "known", mlflowRunId: THEIRS, experimentId: "7", url: "" });
  t.like((await home.sink.send([named]))[0], { kind: "delivered" });
  const [written] = store.groups.flat();
  t.deepEqual(written?.tags, [{ key: "mlflow.parentRunId", value: THEIRS }]);
  t.is(written?.start?.parentRunId, THEIRS);
});

test("out of a bundle its home's ids count", async (t) => {
  const { store, uri } = await relayFor(t);
  const home = sinkTo(t, uri);
  const named = "e".repeat(32);
  await home.sink.send([child(home, named, new Map([[named, runId(9)]]))]);
  t.deepEqual(store.groups.flat()[0]?.tags, [{ key: "mlflow.parentRunId", value: runId(9) }]);
});
