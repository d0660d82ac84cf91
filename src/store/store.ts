/**
 * The state store: one LevelDB that holds what is not the log.
 *
 * LevelDB's lock on the folder is the daemon's lock on its home: the kernel drops it
 * when the process dies, however it dies. A write is whole or absent. Synced writes
 * survive a power cut; unsynced ones survive the death of the process and are used
 * only for what can be found again from the journal or the backend.
 */
import { Level } from "level";
import { StepwellError } from "../errors/stepwell-error.js";
import { isCode } from "../errors/system-code.js";
import { makeFolder } from "../home/durable-folder.js";
import { syncFolder } from "../home/replace-file.js";
import { examineDatabase } from "../leveldb/database-files.js";
import type { Store } from "./contract.js";
import { migrate } from "./migrations.js";
import { beginAgain, beginIfNew, finishNew, finishSalvage } from "./new-store.js";
import { StoreReader } from "./reader.js";
import { hindrance, withLock } from "./store-lock.js";
import type { Table } from "./tables.js";
import { StoreWriter } from "./writer.js";

const NO_ROOM = async (): Promise<boolean> => false;

type Database = Level<string, unknown>;

/** Not compressed, so that what is damaged can be read without LevelDB. */
export const LEVEL_OPTIONS = { compression: false } as const;

/**
 * Opens the store and brings it to this version's form. Throws STEPWELL_HOME_LOCKED,
 * STEPWELL_HOME_UNUSABLE, STEPWELL_STORE_NEWER, STEPWELL_DISK_FULL or
 * STEPWELL_STORE_DAMAGED. makeRoom is asked for room on a full disk; it answers whether it made some.
 */
export async function openStore(folder: string, makeRoom = NO_ROOM): Promise<Store> {
  await finishSalvage(folder);
  await makeUsable(folder);
  const isNew = await beginIfNew(folder);
  const open = async () => ({
    isTorn: !isNew && (await examine(folder)),
    level: await openLevel(folder, isNew),
  });
  const { level, isTorn } = await open().catch(async (error: StepwellError) => {
    if (error.code === "STEPWELL_DISK_FULL" && (await makeRoom())) return await open();
    throw error;
  });
  const store = storeOf(level, new StoreWriter(level, folder, makeRoom), isTorn);
  try {
    // What was found in the log may be relied upon only once the table that LevelDB made of it has a name on disk.
    await syncFolder(folder);
    await migrate(store, isNew);
    if (isNew) await finishNew(folder);
  } catch (error) {
    await level.close();
    throw error;
  }
  return store;
}

/** Looks at all that the store is made of; answers whether its last write is torn. */
async function examine(folder: string): Promise<boolean> {
  const { faults, isTorn } = await examineDatabase(folder).catch(unreadable);
  if (faults.length === 0) return isTorn;
  // Whoever has it open writes: what was seen may have been half of something.
  const certain = await withLock(folder, () => examineDatabase(folder).catch(unreadable));
  if (certain.faults.length === 0) return certain.isTorn;
  const sentence = `The state store in ${folder} is damaged: ${certain.faults.join(", ")}.`;
  throw new StepwellError("STEPWELL_STORE_DAMAGED", sentence);
}

/** What could not be read at all: a file that went meanwhile is gone, what the system refuses is said. */
function unreadable(error: unknown): { faults: string[]; isTorn: boolean } {
  if (isCode(error, "ENOENT")) return { faults: ["a file is gone"], isTorn: false };
  const sentence = `The state store could not be read: ${error instanceof Error ? error.message : String(error)}.`;
  throw new StepwellError("STEPWELL_STATE_FAILED", sentence, { cause: error });
}

async function openLevel(folder: string, isNew: boolean): Promise<Database> {
  // Made anew in place of one that lost a file it would be empty, and LevelDB would remove the rest.
  const level: Database = new Level(folder, {
    ...LEVEL_OPTIONS,
    valueEncoding: "json",
    createIfMissing: isNew,
  });
  try {
    await level.open();
    return level;
  } catch (error) {
    const fault = openFault(error, folder);
    if (!isNew || fault.code !== "STEPWELL_STORE_DAMAGED") throw fault;
  }
  await beginAgain(folder);
  try {
    await level.open();
    return level;
  } catch (error) {
    throw openFault(error, folder);
  }
}

async function makeUsable(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StepwellError("STEPWELL_HOME_UNUSABLE", `The folder ${folder} can't be made: ${reason}.`, {
      cause,
    });
  }
}

function storeOf(level: Database, writer: StoreWriter, isTorn: boolean): Store {
  const reader = new StoreReader(level);
  return {
    isTorn,
    get: async <Value>(table: Table, key: string) => {
      await writer.readable();
      return (await reader.get(`${table}/${key}`).catch((error: unknown) => {
        throw readFault(error);
      })) as Value | undefined;
    },
    list: async <Value>(table: Table, prefix = "") => {
      await writer.readable();
      const begin = `${table}/${prefix}`;
      const rows = await level
        .iterator({ gte: begin, lt: `${begin}\uffff` })
        .all()
        .catch((error: unknown) => {
          throw readFault(error);
        });
      return rows.map(([key, value]) => ({ key: key.slice(table.length + 1), value: value as Value }));
    },
    rows: async function* <Value>(table: Table, after: string) {
      await writer.readable();
      const bounds = { gt: `${table}/${after}`, lt: `${table}/\uffff` };
      for await (const [key, value] of level.iterator(bounds)) {
        yield { key: key.slice(table.length + 1), value: value as Value };
      }
    },
    write: async (changes, { sync }) => {
      const operations = changes.map(({ table, key, value }) => ({ key: `${table}/${key}`, value }));
      await writer.write(operations, sync);
    },
    close: async () => {
      await writer.idle();
      await level.close();
    },
  };
}

/** Rows that can't be read are damage, whatever LevelDB or JSON calls it; a closed store is none. */
function readFault(error: unknown): unknown {
  if (isCode(error, "LEVEL_DATABASE_NOT_OPEN") || isCode(error, "LEVEL_ITERATOR_NOT_OPEN")) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const sentence = `Something of the state store can't be read: ${reason}.`;
  return new StepwellError("STEPWELL_STORE_DAMAGED", sentence, { cause: error });
}

function openFault(error: unknown, folder: string): StepwellError {
  const known = hindrance(error);
  if (known) return known;
  const cause = error instanceof Error ? error.cause : undefined;
  const reason = cause instanceof Error ? cause.message : String(error);
  return new StepwellError(
    "STEPWELL_STORE_DAMAGED",
    `The state store in ${folder} does not open: ${reason}.`,
    { cause: error },
  );
}
