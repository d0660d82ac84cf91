/** Limits of tenants: one over all relays, never an ended stream, never a drop; and their neighbours. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ChannelCredentials } from "@grpc/grpc-js";
import test, { type ExecutionContext } from "ava";
import { systemClock } from "../../../src/home/clock.js";
import type { Pack } from "../../../src/model/pack.js";
import { Access } from "../../../src/relay/access/access.js";
import type { RelayServerOptions } from "../../../src/relay/relay-server.js";
import type { Outcome, Sink } from "../../../src/sinks/sink.js";
import { scratchFolder } from "../../support/folder.js";
import { until } from "../../support/until.js";
import { FakeStore } from "../fake-store.js";
import { RawStream } from "../raw-stream.js";
import { packFor, relayFor, sinkTo } from "../relay.js";

const SETTINGS = (limit: string) => `version: 1
tenants:
  loud: {identities: {token: loud}, experiments: "*"${limit}}
  calm: {identities: {token: calm}, experiments: "*"}
`;

/** Relays before one store, or before stores that share their buckets. */
async function relaysFor(
  t: ExecutionContext,
  limit: string,
  stores: readonly FakeStore[],
  options: Partial<RelayServerOptions> = {},
) {
  const folder = await scratchFolder(t);
  const [tokenFile, settingsFile] = [join(folder, "tokens"), join(folder, "settings")];
  writeFileSync(tokenFile, "loud loud-token\ncalm calm-token\n");
  writeFileSync(settingsFile, SETTINGS(limit));
  const relays = [];
  for (const store of stores) {
    const log = () => undefined;
    const access = new Access({ tokenFile, settingsFile, hasCertificates: false, clock: systemClock, log });
    relays.push({ ...(await relayFor(t, { access, store, streamDrainMs: 500, ...options })), access });
  }
  return { relays, settingsFile };
}

const sinkOf = (t: ExecutionContext, uri: string, token: string) =>
  sinkTo(t, uri, { access: async () => ({ credentials: ChannelCredentials.createInsecure(), token }) }).sink;

/** Sends one pack of a run after the other, as a lane does, until it is told to end. */
function lane(sink: Sink, run: number, points: number) {
  const outcomes: Outcome[] = [];
  const latenciesMs: number[] = [];
  const author = { homeId: run.toString(16).padStart(32, "c"), incarnation: "1".repeat(32) };
  let isOver = false;
  const done = (async () => {
    for (let seq = 1; !isOver; seq++) {
      const after: Pack["after"] = seq === 1 ? undefined : { ...author, seq: seq - 1 };
      const beganMs = performance.now();
      outcomes.push(...(await sink.send([packFor({ run, author, after, seq, records: [points] })])));
      latenciesMs.push(performance.now() - beganMs);
    }
  })();
  return {
    ...{ outcomes, latenciesMs },
    end: async () => {
      isOver = true;
      await done;
    },
  };
}

const pointsOf = (stores: readonly FakeStore[]) =>
  stores.flatMap(({ points }) => [...points.values()]).reduce((sum, each) => sum + each, 0);

test("two relays have one limit between them: what is sent at ten times of it arrives at it, all of it", async (t) => {
  const stores = [new FakeStore(), new FakeStore()];
  for (const store of stores) store.buckets = stores[0]?.buckets ?? store.buckets;
  const { relays } = await relaysFor(t, ", points_per_second: 2000", stores);
  const beganMs = performance.now();
  const lanes = relays.flatMap(({ uri }, relay) =>
    Array.from({ length: 10 }, (_, at) => lane(sinkOf(t, uri, "loud-token"), relay * 100 + at + 1, 100)),
  );
  await until(
    "ten seconds of the limit are there",
    () => pointsOf(stores),
    (points) => points >= 20_000,
  );
  const seconds = (performance.now() - beganMs) / 1_000;
  // A bucket that was full, and a pack's debt at each relay.
  t.true(seconds >= (20_000 - 2_000 - 2 * 100) / 2_000 - 0.2, `${seconds} s`);
  t.true(seconds <= 30, `${seconds} s: the limit is used`);
  await Promise.all(lanes.map(({ end }) => end()));
  const outcomes = lanes.flatMap((each) => each.outcomes);
  t.true(outcomes.every(({ kind }) => kind === "delivered"));
  t.is(pointsOf(stores), 100 * outcomes.length);
  t.deepEqual(
    stores.map(({ moved }) => moved),
    [0, 0],
  );
});

test("a tenant over its limit gets a smaller window and is asked to wait; its stream goes on, and all arrives", async (t) => {
  const store = new FakeStore();
  const { relays, settingsFile } = await relaysFor(t, ", bytes_per_second: 50000", [store]);
  const [relay] = relays;
  if (!relay) throw new Error("no relay");
  const stream = new RawStream(relay.port, "loud-token");
  t.teardown(() => stream.close());
  stream.open();
  const welcome = await stream.answer("welcome");
  const packs = 30;
  for (let number = 1; number <= packs; number++)
    stream.pack(number, packFor({ run: number, records: [500] }));
  const slowed = await stream.answer(
    "credit",
    ({ windowBytes, retryAfterMs }) => windowBytes > 0n && retryAfterMs > 0,
  );
  t.true(slowed.windowBytes < welcome.windowBytes, `${slowed.windowBytes}`);
  await stream.outcome(packs);
  const kinds = stream.all("outcome").map(({ result }) => result?.$case);
  t.deepEqual(new Set(kinds), new Set(["delivered"]));
  const after = await stream.answer(
    "credit",
    ({ windowBytes, retryAfterMs }) => windowBytes === welcome.windowBytes && retryAfterMs === 0,
  );
  t.truthy(after, "it is told that it may go on as before");
  writeFileSync(settingsFile, SETTINGS(""));
  relay.access.look();
  for (let number = 1; number <= 100; number++)
    stream.pack(packs + number, packFor({ run: packs + number, records: [500] }));
  const beganMs = performance.now();
  await stream.outcome(packs + 100);
  t.true(performance.now() - beganMs < 4_000, "without a limit it does not wait");
});

test("what waits for its limit for too long goes back to its daemon, which sends it again", async (t) => {
  const store = new FakeStore();
  const { relays } = await relaysFor(t, ", points_per_second: 1", [store], { limitWaitMs: 1_000 });
  const [relay] = relays;
  if (!relay) throw new Error("no relay");
  const stream = new RawStream(relay.port, "loud-token");
  t.teardown(() => stream.close());
  stream.open();
  await stream.answer("welcome");
  stream.pack(1, packFor({ run: 1, records: [500] }));
  stream.pack(2, packFor({ run: 2, records: [500] }));
  t.is((await stream.outcome(1))?.$case, "delivered");
  const told = await stream.outcome(2);
  t.is(told?.$case, "retry");
  t.like(told?.value, { code: "STEPWELL_SERVER_BUSY", afterMs: 5_000 });
  t.is(store.points.size, 1);
});

test("a limit that can't be asked for stops its tenant alone, and passes", async (t) => {
  const store = new FakeStore();
  const takes = store.takeBudgets.bind(store);
  let isAway = true;
  store.takeBudgets = async (asks) => {
    if (isAway) throw new Error("the table is locked");
    return await takes(asks);
  };
  const { relays } = await relaysFor(t, ", points_per_second: 5000", [store]);
  const uri = relays[0]?.uri ?? "";
  const loud = sinkOf(t, uri, "loud-token").send([packFor({ run: 1 })]);
  t.like((await sinkOf(t, uri, "calm-token").send([packFor({ run: 2 })]))[0], { kind: "delivered" });
  t.is(store.points.size, 1);
  isAway = false;
  t.like((await loud)[0], { kind: "delivered" });
});

const p99 = (values: readonly number[]) =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length * 0.99)] ?? 0;

test("a neighbour of a tenant at ten times its limit waits no more than twice as long as alone", async (t) => {
  const store = new FakeStore();
  // As a database: each group takes its time by its points.
  let last: Promise<void> = Promise.resolve();
  const write = store.write.bind(store);
  store.write = async (packs, known) => {
    const points = packs.reduce((sum, { pack }) => sum + pack.metrics.values.length, 0);
    const before = last;
    last = before.then(() => new Promise((resolve) => setTimeout(resolve, 10 + points / 50)));
    await last;
    return await write(packs, known);
  };
  const { relays } = await relaysFor(t, ", points_per_second: 5000", [store]);
  const uri = relays[0]?.uri ?? "";
  const measure = async () => {
    const calm = lane(sinkOf(t, uri, "calm-token"), ++runs, 100);
    await until(
      "enough are there",
      () => calm.outcomes.length,
      (count) => count >= 200,
    );
    await calm.end();
    return p99(calm.latenciesMs);
  };
  let runs = 1_000;
  await measure();
  const alone = await measure();
  const loud = Array.from({ length: 20 }, (_, at) => lane(sinkOf(t, uri, "loud-token"), at + 1, 500));
  await until(
    "it is over its limit",
    () => pointsOf([store]),
    (points) => points > 60_000,
  );
  const beside = await measure();
  t.log(`p99 of a pack: alone ${alone.toFixed(0)} ms, beside ${beside.toFixed(0)} ms`);
  t.true(beside <= 2 * alone + 50, `${alone} ms alone, ${beside} ms beside`);
  await relays[0]?.server.close();
  await Promise.all(loud.map(({ end }) => end()));
});
