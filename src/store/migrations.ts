import { StepwellError } from "../errors/stepwell-error.js";
import { newId } from "../model/id.js";
import type { Change, Store } from "./contract.js";
import { TABLES, type Table } from "./tables.js";

/**
 * One step from a schema to the next: it reads what is there and answers the changes,
 * which are written together with the new schema number, whole or not at all.
 */
type Migration = (store: Store) => Promise<Change[]>;

/** MIGRATIONS[n] leads from schema n to schema n + 1; schema 0 is an empty folder. */
const MIGRATIONS: readonly Migration[] = [
  async () => [{ table: TABLES.meta, key: "home_id", value: newId() }],
  // What a pipeline run's journal lacks became a list.
  async (store) => {
    const rows = await store.list<{ readonly pending?: unknown }>(TABLES.pipelineRun);
    return rows.map(({ key, value }) => ({
      ...{ table: TABLES.pipelineRun, key },
      value: { ...value, pending: value.pending === undefined ? [] : [value.pending] },
    }));
  },
  // The number that was given to a run last is no longer with the sums alone: an older version would give it again.
  // Runs say where their cursors were left; an earlier version would write cursors without a name.
  async () => [],
  // A run is found by the id that a server gave it.
  async (store) => {
    const rows = await store.list<{ readonly mlflowRunId?: string }>(TABLES.backendRun);
    return rows.flatMap(({ key, value: { mlflowRunId } }) => {
      const [runId = ""] = key.split(".");
      const isAlias = mlflowRunId !== undefined && mlflowRunId !== runId;
      return isAlias ? [{ table: TABLES.runAlias, key: mlflowRunId, value: runId }] : [];
    });
  },
  // Through where a run was parked stood among its trackers' positions, under no tracker's id.
  async (store) => [
    ...(await apartParked(store, TABLES.run)),
    ...(await apartParked(store, TABLES.archivedRun)),
  ],
];

async function apartParked(store: Store, table: Table): Promise<Change[]> {
  const changes: Change[] = [];
  for await (const { key, value } of store.rows<{ readonly delivered: object }>(table, "")) {
    const { "": parked, ...delivered }: Record<string, unknown> = { ...value.delivered };
    if (parked !== undefined) changes.push({ table, key, value: { ...value, delivered, parked } });
  }
  return changes;
}

/** The schema that this version reads and writes. */
const SCHEMA = MIGRATIONS.length;

/**
 * Brings a store to SCHEMA; refuses one that a newer version wrote, or that has lost what every
 * store has, and leaves it as it is.
 */
export async function migrate(store: Store, isNew: boolean): Promise<void> {
  const found = (await store.get<number>(TABLES.meta, "schema")) ?? 0;
  if (found === 0 && !isNew)
    throw new StepwellError("STEPWELL_STORE_DAMAGED", "The state store has lost what was in it.");
  if (found > SCHEMA) {
    throw new StepwellError(
      "STEPWELL_STORE_NEWER",
      `This home has schema ${found}; this version knows schemas up to ${SCHEMA}.`,
    );
  }
  for (const [offset, migration] of MIGRATIONS.slice(found).entries()) {
    const changes = await migration(store);
    const schema: Change = { table: TABLES.meta, key: "schema", value: found + offset + 1 };
    await store.write([...changes, schema], { sync: true });
  }
}

/** What every store has, for one that lost it: this version's schema and the home's id, a new one where that is not known. */
export function metaStamps(homeId = newId()): Change[] {
  return [
    { table: TABLES.meta, key: "schema", value: SCHEMA },
    { table: TABLES.meta, key: "home_id", value: homeId },
  ];
}

/** The id of the home; it changes only when the home turns out to be a copy (runs/home-history.ts). */
export async function homeIdOf(store: Store): Promise<string> {
  const id = await store.get<string>(TABLES.meta, "home_id");
  if (id === undefined) throw new StepwellError("STEPWELL_STORE_DAMAGED", "The state store has no home id.");
  return id;
}

/** The id that the home's items in the keychain go by: the home's first one. */
export async function keychainIdOf(store: Store): Promise<string> {
  return (await store.get<string>(TABLES.meta, "keychain_id")) ?? (await homeIdOf(store));
}
