import { ChannelCredentials } from "@grpc/grpc-js";
import test from "ava";
import type { Outcome } from "../../../src/sinks/sink.js";
import { AUTHOR, HOME_ID, packFor, relayFor, runId, sinkTo } from "../../relay/relay.js";
import { until } from "../../support/until.js";

test("packs of several runs reach the store as they were made, and their ids come back", async (t) => {
  const { store, uri } = await relayFor(t);
  const home = sinkTo(t, uri);
  const packs = [
    packFor({ run: 1, records: [3, 1000, 5], endsRun: true }),
    packFor({ run: 2, records: [0], tags: [{ key: "team", value: "vision ü" }] }),
  ];
  const outcomes = await home.sink.send(packs);
  t.deepEqual(outcomes, [
    { kind: "delivered", refused: [] },
    { kind: "delivered", refused: [] },
  ]);
  const written = store.groups.flat().sort((one, other) => one.runId.localeCompare(other.runId));
  t.deepEqual(
    written,
    packs.map((pack) => ({ ...pack, records: [] })),
  );
  t.is(store.writes.get(HOME_ID), home.mark.writes);
  t.like(home.runs.get(runId(2)), { kind: "known", mlflowRunId: runId(2), experimentId: "7", url: uri });
});

const OUTCOMES: readonly Outcome[] = [
  { kind: "delivered", refused: [] },
  {
    kind: "delivered",
    refused: [
      {
        kind: "param",
        key: "lr",
        value: "0.1",
        code: "STEPWELL_PARAM_CHANGED",
        reason: "It has another value.",
      },
      { kind: "tag", key: "team", value: "", code: "STEPWELL_ENTRY_REFUSED", reason: "No." },
      {
        ...{ kind: "metric", key: "loss", modelId: "m-1", dataset: { name: "digits", digest: "abc" } },
        ...{ step: -(2n ** 63n), timestampMs: 2n ** 60n, value: Number.NaN },
        ...{ code: "STEPWELL_MODEL_UNKNOWN", reason: "There is no such model." },
      },
      {
        ...{ kind: "metric", key: "acc", modelId: "", dataset: undefined },
        ...{ step: 1n, timestampMs: 2n, value: -0 },
        ...{ code: "STEPWELL_ENTRY_REFUSED", reason: "No." },
      },
    ],
  },
  { kind: "elsewhere", homeId: HOME_ID, cursor: undefined },
  {
    ...{ kind: "elsewhere", homeId: "b".repeat(32) },
    cursor: { seq: 2 ** 52, points: 12, bytes: undefined, incarnation: "" },
  },
  {
    ...{ kind: "elsewhere", homeId: HOME_ID },
    cursor: { seq: 7, points: 12, bytes: 0, incarnation: "2".repeat(32) },
  },
  { kind: "retry", scope: "backend", code: "STEPWELL_SERVER_BUSY", reason: "Too much.", afterMs: 1_500 },
  { kind: "retry", scope: "unclear", code: "STEPWELL_SERVER_FAILED", reason: "It broke." },
  { kind: "hold", scope: "run", code: "STEPWELL_EXPERIMENT_DELETED", reason: "It is deleted." },
  { kind: "refused", code: "STEPWELL_ENTRY_REFUSED", reason: "It has a NUL." },
];

for (const [index, outcome] of OUTCOMES.entries()) {
  test(`outcome ${index}, ${outcome.kind}, is what the store said`, async (t) => {
    const { store, uri } = await relayFor(t);
    store.answers = () => outcome;
    t.deepEqual(await sinkTo(t, uri).sink.send([packFor()]), [outcome]);
  });
}

test("a relay that is not there is the backend's trouble, and passes once it is there", async (t) => {
  const first = await relayFor(t);
  await first.server.close();
  const home = sinkTo(t, first.uri);
  const [away] = await home.sink.send([packFor()]);
  t.like(away, { kind: "retry", scope: "backend", code: "STEPWELL_SERVER_UNREACHABLE" });
  await relayFor(t, {}, first.port);
  t.like((await home.sink.send([packFor()]))[0], { kind: "delivered" });
});

test("a store that has fewer of the home's transactions than it knows of is told, and nothing is written", async (t) => {
  const { store, uri } = await relayFor(t);
  const home = sinkTo(t, uri);
  await home.sink.send([packFor()]);
  await home.sink.send([packFor({ run: 2 })]);
  store.writes.set(HOME_ID, 1);
  const [outcome] = await home.sink.send([packFor({ run: 3 })]);
  t.like(outcome, { kind: "retry", scope: "backend", code: "STEPWELL_BACKEND_FORGOT" });
  t.deepEqual(home.wentBack, [1]);
  t.false(store.points.has(runId(3)));
});

test("an idle home asks once the relay's backend is in another life, and cursors are told", async (t) => {
  const { store, uri } = await relayFor(t);
  const home = sinkTo(t, uri);
  const keeper = home.sink.cursors;
  await home.sink.send([packFor({ seq: 5 })]);
  t.deepEqual(await keeper?.look(HOME_ID), { kind: "as left" });
  store.writes.set(HOME_ID, 0);
  t.deepEqual(await keeper?.look(HOME_ID), { kind: "as left" }, "nothing made it ask");
  store.known = { ...store.known, timeline: "2" };
  const found = await until(
    "it asks",
    () => keeper?.look(HOME_ID),
    (seen) => seen?.kind === "went back",
  );
  t.deepEqual(found, { kind: "went back", writes: 0 });
  const [answer] = (await keeper?.standing([{ author: AUTHOR, runId: runId(1), after: undefined }])) ?? [];
  t.like(answer, { homeId: HOME_ID, cursor: { seq: 5, points: 3, incarnation: AUTHOR.incarnation } });
});

test("a sink that is closed while it finds out how to be let in opens nothing behind that", async (t) => {
  const { server, uri } = await relayFor(t);
  let letIn: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    letIn = resolve;
  });
  const access = async () => {
    await asked;
    return { credentials: ChannelCredentials.createInsecure(), token: "" };
  };
  const { sink } = sinkTo(t, uri, { access });
  const looking = sink.cursors?.look(HOME_ID);
  await sink.close();
  letIn();
  t.deepEqual(await looking, { kind: "as left" });
  t.is(server.streams(), 0);
});
