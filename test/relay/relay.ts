/** Relays in this process, and daemons' sinks that send to them. */
import { ChannelCredentials } from "@grpc/grpc-js";
import type { ExecutionContext } from "ava";
import { packOf } from "../../src/flush/pack.js";
import { systemClock } from "../../src/home/clock.js";
import { encodeBatch, viewBatch } from "../../src/model/batch-view.js";
import type { Author, LeftCursor } from "../../src/model/cursor.js";
import type { Pack } from "../../src/model/pack.js";
import { NO_MARK, type StoreMark } from "../../src/model/store-mark.js";
import type { BackendRun } from "../../src/model/target.js";
import { makeRelayServer, type RelayServer, type RelayServerOptions } from "../../src/relay/relay-server.js";
import { relayAddress } from "../../src/sinks/relay/address.js";
import { openRelaySink, type RelaySinkOptions } from "../../src/sinks/relay/relay-sink.js";
import type { Sink } from "../../src/sinks/sink.js";
import { FakeStore } from "./fake-store.js";

export type Teardown = Pick<ExecutionContext, "teardown">;

export const HOME_ID = "a".repeat(32);
export const AUTHOR: Author = { homeId: HOME_ID, incarnation: "1".repeat(32) };

export interface Relay {
  readonly store: FakeStore;
  readonly server: RelayServer;
  readonly port: number;
  readonly uri: string;
}

/** A relay before a store in memory. */
export async function relayFor(
  t: Teardown,
  options: Partial<RelayServerOptions> = {},
  wantedPort = 0,
): Promise<Relay> {
  const store = options.store instanceof FakeStore ? options.store : new FakeStore();
  const server = makeRelayServer({
    ...{ store, clock: systemClock, random: Math.random, log: () => undefined, streamDrainMs: 2_000 },
    ...options,
  });
  const port = await server.listen(`127.0.0.1:${wantedPort}`);
  t.teardown(() => server.close());
  return { store, server, port, uri: `grpc://127.0.0.1:${port}` };
}

export interface HomeSink {
  readonly sink: Sink;
  mark: StoreMark;
  /** Counts of transactions that told that the backend went back. */
  readonly wentBack: number[];
  readonly runs: Map<string, BackendRun>;
  /** Our ids of runs by those that servers gave them. */
  readonly aliases: Map<string, string>;
  /** Runs that go to this backend. */
  readonly expected: Set<string>;
}

/** A daemon's sink of a relay, with what the daemon would remember. */
export function sinkTo(t: Teardown, uri: string, options: Partial<RelaySinkOptions> = {}): HomeSink {
  const home = {
    ...{ mark: NO_MARK, wentBack: [] as number[], runs: new Map<string, BackendRun>() },
    ...{ aliases: new Map<string, string>(), expected: new Set<string>() },
  };
  const change = (changed: Partial<StoreMark>) => {
    home.mark = { ...home.mark, ...changed };
  };
  const sink = openRelaySink({
    address: relayAddress(uri),
    access: async () => ({ credentials: ChannelCredentials.createInsecure(), token: "" }),
    clock: systemClock,
    random: Math.random,
    log: () => undefined,
    runIds: {
      find: async (runId) => home.runs.get(runId),
      keep: async (runId, value) => void (value ? home.runs.set(runId, value) : home.runs.delete(runId)),
      keepAll: async (values) => {
        for (const [runId, value] of values) home.runs.set(runId, value);
      },
      ownId: async (id) => home.aliases.get(id) ?? id,
      isExpected: (runId) => home.expected.has(runId),
    },
    memory: {
      mark: () => home.mark,
      isUnclean: () => false,
      keep: async (changed) => change(changed),
      note: change,
      wentBack: async (writes) => {
        home.wentBack.push(writes);
        change({ writes, isComparing: true });
      },
    },
    ...options,
  });
  t.teardown(() => sink.close());
  return Object.assign(home, { sink });
}

const START = {
  experimentName: "digits",
  runName: "brave-brook-7",
  startTimeMs: 1_700_000_000_000,
  user: "ada",
  sourceName: "train.py",
  parentRunId: "",
};

/** A run's id by a number. */
export function runId(number: number): string {
  return number.toString(16).padStart(32, "0");
}

/** What a pack holds, beside its place. */
export interface PackParts {
  readonly run?: number;
  readonly author?: Author;
  readonly after?: LeftCursor | undefined;
  readonly seq?: number;
  /** Points in each of its records. */
  readonly records?: readonly number[];
  readonly pointsThrough?: number;
  readonly tags?: readonly { readonly key: string; readonly value: string }[];
  readonly endsRun?: boolean;
}

/** A pack as a lane makes it: of records that are whole batches. */
export function packFor(parts: PackParts = {}): Pack {
  const { run = 1, author = AUTHOR, after, seq = 1, records = [3], tags = [], endsRun = false } = parts;
  const pieces = records.map((points, index) => {
    const isLast = index === records.length - 1;
    const payload = encodeBatch({
      ...{ sequence: 0n, runId: runId(run), start: undefined, params: [], removedTags: [], calls: [] },
      columns: points === 0 ? [] : [columnOf(points, (after?.seq ?? 0) * 1_000_000 + index * 10_000)],
      tags: isLast ? tags : [],
      end: isLast && endsRun ? { status: 3, endTimeMs: 1_700_000_001_000n } : undefined,
      onlyTrackerId: "",
    });
    const sum = records.reduce((total, each) => total + each, 0);
    const through = { seq, points: parts.pointsThrough ?? sum, bytes: seq * 100 };
    return { record: { seq, through, endsRun: isLast && endsRun, payload }, batch: viewBatch(payload) };
  });
  const end = endsRun ? ({ status: "FINISHED", endTimeMs: 1_700_000_001_000 } as const) : undefined;
  return packOf({ runId: runId(run), start: START, end, author, after }, pieces);
}

function columnOf(points: number, from: number) {
  const steps = BigInt64Array.from({ length: points }, (_, index) => BigInt(from + index));
  const times = BigInt64Array.from({ length: points }, (_, index) => BigInt(1_700_000_000_000 + index));
  const values = Float64Array.from({ length: points }, (_, index) => index / 7);
  const bytes = (array: BigInt64Array | Float64Array) => new Uint8Array(array.buffer);
  return { key: "loss", modelId: "", steps: bytes(steps), timestampsMs: bytes(times), values: bytes(values) };
}
