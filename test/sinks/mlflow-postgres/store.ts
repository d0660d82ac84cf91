/** A PostgresStore on a test's own database. */
import type { ExecutionContext } from "ava";
import type { LeftCursor } from "../../../src/model/cursor.js";
import type { Pack } from "../../../src/model/pack.js";
import { type PostgresAddress, readPostgresUri } from "../../../src/model/postgres-address.js";
import { NO_MARK, type StoreMark } from "../../../src/model/store-mark.js";
import { openPostgresSink } from "../../../src/sinks/mlflow-postgres/postgres-sink.js";
import {
  PostgresStore,
  type PostgresStoreOptions,
} from "../../../src/sinks/mlflow-postgres/postgres-store.js";
import type { Outcome, Sink } from "../../../src/sinks/sink.js";
import type { StoreMemory } from "../../../src/sinks/store-memory.js";
import { newDatabase } from "../../support/mlflow-postgres.js";
import type { Postgres } from "../../support/postgres.js";
import { HOME_ID } from "../mlflow-sqlite/packs.js";

export const NOW_MS = 1_700_000_000_500;

/** The address of a database, for whoever may do everything there. */
export function addressOf(postgres: Postgres, database: string): PostgresAddress {
  const address = readPostgresUri(`postgresql://postgres@127.0.0.1:${postgres.port}/${database}`);
  if ("reason" in address) throw new Error(address.reason);
  return address;
}

/** A store, closed when the test is over. */
export function storeOn(
  t: ExecutionContext,
  address: PostgresAddress,
  options: Partial<PostgresStoreOptions> = {},
): PostgresStore {
  const store = new PostgresStore({
    address,
    credentials: async () => ({ user: "postgres", password: "" }),
    clock: { nowMs: () => NOW_MS, monotonicMs: () => 500 },
    ...options,
  });
  t.teardown(() => store.close());
  return store;
}

/** A database of its own with a store on it. */
export async function freshStore(
  t: ExecutionContext,
  postgres: Postgres,
  options: Partial<PostgresStoreOptions> = {},
) {
  const database = await newDatabase(postgres);
  return { database, store: storeOn(t, addressOf(postgres, database), options) };
}

/** A sink on a store, as the daemon has it; what is remembered of the database is in `memory`. */
export function sinkOn(store: PostgresStore, memory = memoryOf()): Sink {
  return openPostgresSink({
    memory,
    open: async () => store,
    clock: { nowMs: () => NOW_MS, monotonicMs: () => performance.now() },
    ownId: async (runId) => runId,
    onExperiments: async () => undefined,
    lookMs: 0,
  });
}

/** What a home remembers of one database. */
export function memoryOf(): StoreMemory {
  let mark: StoreMark = { ...NO_MARK, homeId: HOME_ID };
  const note = (change: Partial<StoreMark>) => {
    mark = { ...mark, ...change };
  };
  return {
    mark: () => mark,
    isUnclean: () => false,
    keep: async (change) => note(change),
    note,
    wentBack: async (writes) => note({ writes }),
  };
}

/** Delivers packs one after the other, each of which says where the one before left its run's cursor, as lanes do. */
export function lanesOn(store: PostgresStore) {
  const left = new Map<string, LeftCursor>();
  const known = new Map<string, number>();
  const keyOf = ({ author, runId }: Pack) => `${author.homeId} ${runId}`;
  return {
    known,
    write: async (...packs: readonly Pack[]): Promise<Outcome[]> => {
      const told = packs.map((each) => ({ ...each, after: each.after ?? left.get(keyOf(each)) }));
      const { outcomes, writes } = await store.write(told, known);
      for (const [homeId, count] of writes) known.set(homeId, count);
      for (const [index, each] of told.entries()) {
        const outcome = outcomes[index];
        if (outcome?.kind !== "delivered") continue;
        const seq = outcome.refused.length === 0 ? each.lastSeq : (each.after?.seq ?? 0);
        left.set(keyOf(each), { ...each.author, seq });
      }
      return outcomes;
    },
  };
}
