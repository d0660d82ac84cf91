/**
 * The only writer of the state store: one write at a time, and what waits meanwhile is the next one.
 *
 * A write that fails, on a full disk for one, leaves a torn record at the end of LevelDB's log. LevelDB
 * writes on behind it and says yes, and at the next open all that stands behind the torn record is gone.
 * So nothing is written after a failure until the database was closed and opened, which begins a new log.
 */
import { statfs } from "node:fs/promises";
import type { Level } from "level";
import { StepwellError } from "../errors/stepwell-error.js";
import { syncFolder } from "../home/replace-file.js";
import { isNoSpace } from "../leveldb/level-fault.js";
import { type Operation, writeBatch } from "../leveldb/write-batch.js";
import { STORE_ROOM_BYTES_MIN } from "../model/limits.js";
import { LogNames } from "./log-names.js";

interface Waiting {
  readonly operations: readonly Operation<string, unknown>[];
  readonly sync: boolean;
  readonly resolve: () => void;
  readonly reject: (error: StepwellError) => void;
}

export class StoreWriter {
  readonly #level: Level<string, unknown>;
  readonly #folder: string;
  readonly #logNames: LogNames;
  readonly #makeRoom: () => Promise<boolean>;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #mending: Promise<void> | undefined;
  #isTorn = false;

  /** makeRoom is asked once for room on a full disk; it answers whether it made some. */
  constructor(level: Level<string, unknown>, folder: string, makeRoom: () => Promise<boolean>) {
    this.#level = level;
    this.#folder = folder;
    this.#makeRoom = makeRoom;
    this.#logNames = new LogNames(folder);
  }

  /** All operations or none. Throws STEPWELL_DISK_FULL or STEPWELL_STATE_FAILED. */
  async write(operations: readonly Operation<string, unknown>[], sync: boolean): Promise<void> {
    const written = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ operations, sync, resolve, reject });
    });
    this.#running ??= this.#run();
    await written;
  }

  /** Resolves when the database can be read: at once, but while it is opened anew. */
  async readable(): Promise<void> {
    await this.#mending?.catch(() => undefined);
  }

  /** Resolves when nothing is being written any more. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0);
      try {
        await this.#mendIfTorn();
        await this.#writeGroup(group);
        for (const { resolve } of group) resolve();
      } catch (error) {
        const fault = faultOf(error);
        for (const { reject } of group) reject(fault);
      }
    }
    this.#running = undefined;
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    const sync = group.some((each) => each.sync);
    try {
      await writeBatch(this.#level, operationsOf(group), sync);
      if (sync) await this.#logNames.keep();
    } catch (error) {
      this.#isTorn = true;
      throw error;
    }
  }

  /** Not before there is room: a database that can't be opened again could not be read either. */
  async #mendIfTorn(): Promise<void> {
    if (!this.#isTorn) return;
    if (!(await this.#hasRoom()) && !((await this.#makeRoom()) && (await this.#hasRoom()))) throw diskFull();
    this.#mending = this.#reopen();
    try {
      await this.#mending;
      this.#isTorn = false;
    } finally {
      this.#mending = undefined;
    }
  }

  async #hasRoom(): Promise<boolean> {
    const { bavail, bsize } = await statfs(this.#folder);
    return bavail * bsize >= STORE_ROOM_BYTES_MIN;
  }

  async #reopen(): Promise<void> {
    await this.#level.close();
    await this.#level.open();
    await syncFolder(this.#folder);
    await this.#logNames.opened();
  }
}

function* operationsOf(group: readonly Waiting[]): Iterable<Operation<string, unknown>> {
  for (const { operations } of group) yield* operations;
}

function faultOf(error: unknown): StepwellError {
  if (error instanceof StepwellError) return error;
  if (isNoSpace(error)) return diskFull(error);
  const sentence = `The state store could not be written: ${String(error)}.`;
  return new StepwellError("STEPWELL_STATE_FAILED", sentence, { cause: error });
}

export function diskFull(cause?: unknown): StepwellError {
  const sentence = "The disk of the home is full: nothing was changed.";
  return new StepwellError("STEPWELL_DISK_FULL", sentence, { cause });
}
