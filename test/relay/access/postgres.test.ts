/** Relays before a real PostgreSQL: one limit over two of them, and a neighbour of a tenant at ten times its own. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ChannelCredentials } from "@grpc/grpc-js";
import ava, { type ExecutionContext } from "ava";
import { systemClock } from "../../../src/home/clock.js";
import type { Pack } from "../../../src/model/pack.js";
import { Access } from "../../../src/relay/access/access.js";
import { PostgresRelayStore } from "../../../src/relay/postgres-relay-store.js";
import { addressOf } from "../../sinks/mlflow-postgres/store.js";
import { scratchFolder } from "../../support/folder.js";
import { newDatabase, postgresForAll } from "../../support/mlflow-postgres.js";
import { MLFLOW_3 } from "../../support/python-environment.js";
import { testWith } from "../../support/test-with.js";
import { until } from "../../support/until.js";
import { packFor, relayFor, sinkTo } from "../relay.js";

const test = testWith(MLFLOW_3);
const server = postgresForAll(ava);
const LIMIT = 500;
const SETTINGS = `version: 1
tenants:
  loud: {identities: {token: loud}, experiments: digits, points_per_second: ${LIMIT}}
  calm: {identities: {token: calm}, experiments: digits}
`;

async function twoRelays(t: ExecutionContext) {
  const folder = await scratchFolder(t);
  const [tokenFile, settingsFile] = [join(folder, "tokens"), join(folder, "settings")];
  writeFileSync(tokenFile, "loud loud-token\ncalm calm-token\n");
  writeFileSync(settingsFile, SETTINGS);
  const database = await newDatabase(server());
  const open = async () => {
    const log = () => undefined;
    const access = new Access({ tokenFile, settingsFile, hasCertificates: false, clock: systemClock, log });
    const store = new PostgresRelayStore({
      ...{ address: addressOf(server(), database), clock: systemClock, artifactRoot: undefined },
      credentials: async () => ({ user: "postgres", password: "" }),
    });
    return (await relayFor(t, { access, store, streamDrainMs: 500 })).uri;
  };
  return { database, uris: [await open(), await open()] as const };
}

/** A daemon with one run that sends a pack after the other. */
function lane(t: ExecutionContext, uri: string, token: string, run: number, points: number) {
  const credentials = ChannelCredentials.createInsecure();
  const { sink } = sinkTo(t, uri, { access: async () => ({ credentials, token }) });
  const author = { homeId: run.toString(16).padStart(32, "c"), incarnation: "1".repeat(32) };
  const latenciesMs: number[] = [];
  const kinds = new Set<string>();
  let seq = 0;
  let isGoing = false;
  let going: Promise<void> | undefined;
  const send = async () => {
    const after: Pack["after"] = seq === 0 ? undefined : { ...author, seq };
    seq += 1;
    const beganMs = performance.now();
    const [outcome] = await sink.send([packFor({ run, author, after, seq, records: [points] })]);
    latenciesMs.push(performance.now() - beganMs);
    kinds.add(outcome?.kind === "delivered" ? "delivered" : JSON.stringify(outcome));
  };
  const loop = async () => {
    while (isGoing) await send();
  };
  return {
    ...{ latenciesMs, kinds, send },
    sent: () => latenciesMs.length * points,
    go: () => {
      isGoing = true;
      going = loop();
    },
    rest: async () => {
      isGoing = false;
      await going;
    },
  };
}

const rank = (values: readonly number[], share: number) =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length * share)] ?? 0;

test("at ten times its limit a tenant gets its limit over both relays, and its neighbour waits no longer than twice", async (t) => {
  t.timeout(600_000);
  const { database, uris } = await twoRelays(t);
  const calm = lane(t, uris[0], "calm-token", 999, 100);
  // A second of the limit each: what waits is always ten times of it.
  const loud = uris.flatMap((uri, relay) =>
    Array.from({ length: 5 }, (_, at) => lane(t, uri, "loud-token", relay * 10 + at + 1, LIMIT)),
  );
  const sent = () => loud.reduce((sum, each) => sum + each.sent(), 0);
  const round = async (into: number[]) => {
    const from = calm.latenciesMs.length;
    for (let pack = 0; pack < 80; pack++) await calm.send();
    into.push(...calm.latenciesMs.slice(from));
  };
  await round([]);
  const alone: number[] = [];
  const beside: number[] = [];
  let seconds = 0;
  // By turns: the machine does other things, too.
  for (let turn = 0; turn < 3; turn++) {
    await round(alone);
    const [beganMs, before] = [performance.now(), sent()];
    for (const { go } of loud) go();
    await until("it is over its limit", sent, (points) => points >= before + 2 * LIMIT);
    await round(beside);
    await Promise.all(loud.map(({ rest }) => rest()));
    seconds += (performance.now() - beganMs) / 1_000;
  }
  const got = sent();
  const shown = (values: readonly number[]) =>
    `p50 ${rank(values, 0.5).toFixed(0)}, p99 ${rank(values, 0.99).toFixed(0)} ms`;
  t.log(`a neighbour's pack alone: ${shown(alone)}; beside: ${shown(beside)}`);
  t.log(`${Math.round(got / seconds)} points a second of ${LIMIT} over ${Math.round(seconds)} s`);
  t.true(rank(beside, 0.99) <= 2 * rank(alone, 0.99) + 50);
  // The bucket is full at each turn, and each relay lets a pack more go.
  t.true(got <= LIMIT * (seconds + 3 * 3), `${got} points in ${seconds} s`);
  t.true(got >= (LIMIT * seconds) / 2, `${got} points in ${seconds} s: the limit is used`);
  for (const { kinds } of [...loud, calm]) t.deepEqual([...kinds], ["delivered"]);
  const points = loud.reduce((sum, each) => sum + each.sent(), calm.sent());
  t.deepEqual(await server().query(database, "SELECT count(*)::int FROM metrics"), [[points]]);
});
