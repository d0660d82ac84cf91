/** A spool on disk, read an extent at a time: it may be larger than what the daemon may hold. */

import type { FileHandle } from "node:fs/promises";
import { openPlain } from "../home/plain-file.js";
import {
  EXTENT_BYTES,
  HEAD_BYTES,
  HEAD_BYTES_USED,
  type Part,
  payloadsOf,
  type RowColumn,
  readExtent,
  readHead,
  rowsOf,
  type SpoolHead,
} from "./format.js";

/** What a spool holds, and whose it is. */
export interface SpoolIndex {
  readonly head: SpoolHead;
  readonly parts: readonly Part[];
  /** Rows that were begun and not finished. */
  readonly torn: number;
}

export class SpoolFile {
  readonly #handle: FileHandle;
  /** For one extent; a view of 64-bit numbers needs memory that begins at a multiple of 8. */
  readonly #memory = Buffer.from(new ArrayBuffer(EXTENT_BYTES));

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Opens one for reading. Throws for what is no plain file. */
  static async open(path: string): Promise<SpoolFile> {
    return new SpoolFile(await openPlain(path));
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** Whose it is; undefined for a file that is no spool. */
  async head(): Promise<SpoolHead | undefined> {
    return readHead(await this.#read(0, HEAD_BYTES_USED));
  }

  /** Whether its client died before it wrote whose it is: nothing was logged then. */
  async isBlank(): Promise<boolean> {
    return (await this.#read(0, HEAD_BYTES_USED)).every((byte) => byte === 0);
  }

  /** All that counts and is wanted by its sequence; undefined for a file that is no spool. */
  async index(isWanted: (sequence: number) => boolean): Promise<SpoolIndex | undefined> {
    const head = await this.head();
    if (!head) return undefined;
    const parts: Part[] = [];
    let torn = 0;
    for (const [index, kind] of head.kinds.entries()) {
      if (kind === undefined) continue;
      const offset = HEAD_BYTES + index * EXTENT_BYTES;
      const found = readExtent(await this.#read(offset, EXTENT_BYTES), kind, offset);
      torn += found.torn;
      for (const part of found.parts) if (isWanted(part.sequence)) parts.push(part);
    }
    return { head, parts, torn };
  }

  /** The payloads of a part's records, of their own memory. */
  async payloads({ offset, span }: Part): Promise<Buffer> {
    return payloadsOf(await this.#read(offset, span));
  }

  /** Rows of a chunk. */
  async rows({ offset, span, sequence }: Part): Promise<RowColumn | undefined> {
    const column = rowsOf(await this.#read(offset, span), sequence);
    return column && { ...column, key: Buffer.from(column.key), modelId: Buffer.from(column.modelId) };
  }

  /** So many bytes, zeros where the file ends before. */
  async #read(offset: number, size: number): Promise<Buffer> {
    const memory = this.#memory.subarray(0, size);
    let filled = 0;
    while (filled < size) {
      const { bytesRead } = await this.#handle.read(memory, filled, size - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return memory.fill(0, filled);
  }
}
