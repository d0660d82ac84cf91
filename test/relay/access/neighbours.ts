/** A tenant at ten times its limit over two relays before a real PostgreSQL, and a neighbour of it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ChannelCredentials } from "@grpc/grpc-js";
import { systemClock } from "../../../src/home/clock.js";
import type { Pack } from "../../../src/model/pack.js";
import { Access } from "../../../src/relay/access/access.js";
import { PostgresRelayStore } from "../../../src/relay/postgres-relay-store.js";
import { addressOf } from "../../sinks/mlflow-postgres/store.js";
import { scratchFolder } from "../../support/folder.js";
import { newDatabase } from "../../support/mlflow-postgres.js";
import type { Postgres } from "../../support/postgres.js";
import { until } from "../../support/until.js";
import { packFor, relayFor, sinkTo, type Teardown } from "../relay.js";

/** Points a second. */
export const LIMIT = 500;
const SETTINGS = `version: 1
tenants:
  loud: {identities: {token: loud}, experiments: digits, points_per_second: ${LIMIT}}
  calm: {identities: {token: calm}, experiments: digits}
`;

async function twoRelays(t: Teardown, server: Postgres) {
  const folder = await scratchFolder(t);
  const [tokenFile, settingsFile] = [join(folder, "tokens"), join(folder, "settings")];
  writeFileSync(tokenFile, "loud loud-token\ncalm calm-token\n");
  writeFileSync(settingsFile, SETTINGS);
  const database = await newDatabase(server);
  const open = async () => {
    const log = () => undefined;
    const access = new Access({ tokenFile, settingsFile, hasCertificates: false, clock: systemClock, log });
    const store = new PostgresRelayStore({
      ...{ address: addressOf(server, database), clock: systemClock, artifactRoot: undefined },
      credentials: async () => ({ user: "postgres", password: "" }),
    });
    return (await relayFor(t, { access, store, streamDrainMs: 500 })).uri;
  };
  return { database, uris: [await open(), await open()] as const };
}

/** A daemon with one run that sends a pack after the other. */
function lane(t: Teardown, uri: string, token: string, run: number, points: number) {
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

/** What was seen of the two. */
export interface Neighbours {
  /** How long the neighbour's packs took, while the tenant rested and while it did not. */
  readonly aloneMs: readonly number[];
  readonly besideMs: readonly number[];
  /** How long the tenant's own took. */
  readonly loudMs: readonly number[];
  /** What the tenant got, and in what time. */
  readonly points: number;
  readonly seconds: number;
  /** What all packs came to. */
  readonly kinds: ReadonlySet<string>;
  readonly database: string;
  readonly pointsOfBoth: number;
}

/** Rounds of so many packs of the neighbour, by turns: the machine does other things, too. */
export async function besideOverLimit(
  t: Teardown,
  server: Postgres,
  { turns, packs }: { readonly turns: number; readonly packs: number },
): Promise<Neighbours> {
  const { database, uris } = await twoRelays(t, server);
  const calm = lane(t, uris[0], "calm-token", 999, 100);
  // A second of the limit each: what waits is always ten times of it.
  const loud = uris.flatMap((uri, relay) =>
    Array.from({ length: 5 }, (_, at) => lane(t, uri, "loud-token", relay * 10 + at + 1, LIMIT)),
  );
  const sent = () => loud.reduce((sum, each) => sum + each.sent(), 0);
  const round = async (into: number[]) => {
    const from = calm.latenciesMs.length;
    for (let pack = 0; pack < packs; pack++) await calm.send();
    into.push(...calm.latenciesMs.slice(from));
  };
  await round([]);
  const aloneMs: number[] = [];
  const besideMs: number[] = [];
  let seconds = 0;
  for (let turn = 0; turn < turns; turn++) {
    await round(aloneMs);
    const [beganMs, before] = [performance.now(), sent()];
    for (const { go } of loud) go();
    await until("it is over its limit", sent, (points) => points >= before + 2 * LIMIT);
    await round(besideMs);
    await Promise.all(loud.map(({ rest }) => rest()));
    seconds += (performance.now() - beganMs) / 1_000;
  }
  const kinds = new Set([...loud, calm].flatMap((each) => [...each.kinds]));
  const loudMs = loud.flatMap(({ latenciesMs }) => latenciesMs);
  const points = sent();
  const pointsOfBoth = points + calm.sent();
  return { ...{ aloneMs, besideMs, loudMs, points, seconds }, ...{ kinds, database, pointsOfBoth } };
}

export function rank(values: readonly number[], share: number): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length * share)] ?? 0;
}
