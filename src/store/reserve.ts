/**
 * Room that is kept for a full disk: a store whose write failed has to be opened anew, which takes
 * room, before anything can be delivered and make some. The file takes it while there is plenty and
 * gives it back then; it is made again once there is plenty.
 */
import { randomBytes } from "node:crypto";
import { open, rm, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { setAside } from "../home/plain-file.js";
import { RESERVE_BYTES, RESERVE_FILL_MS, RESERVE_ROOM_TIMES } from "../model/limits.js";
import { Turns } from "../model/turns.js";

const PIECE_BYTES = 1024 * 1024;

export class Reserve {
  readonly #file: string;
  readonly #bytes: number;
  #timer: NodeJS.Timeout | undefined;
  readonly #filling = new Turns();

  constructor(file: string, bytes = RESERVE_BYTES) {
    this.#file = file;
    this.#bytes = bytes;
  }

  /** Looks now and then whether it has to be made. */
  start(): void {
    this.#timer ??= setInterval(() => void this.fill(), RESERVE_FILL_MS).unref();
  }

  /** Stops looking; the file stays for the next daemon. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#filling.idle();
  }

  /** Makes the file where it is not there whole and the volume has room for much more. Never throws. */
  async fill(): Promise<void> {
    const filling = this.#filling.take(() => this.#fill().catch(() => rm(this.#file, { force: true })));
    await filling.catch(() => undefined);
  }

  /** Gives the room back; answers whether there was any. Never throws. */
  async release(): Promise<boolean> {
    const bytes = await this.#size();
    await rm(this.#file, { force: true }).catch(() => undefined);
    return bytes > 0 && (await this.#size()) === 0;
  }

  async #fill(): Promise<void> {
    if ((await this.#size()) === this.#bytes) return;
    const { bavail, bsize } = await statfs(dirname(this.#file));
    if (bavail * bsize < RESERVE_ROOM_TIMES * this.#bytes) return;
    // Something else may stand in its place, as a pipe: opening one would wait for ever.
    await rm(this.#file, { force: true }).catch(() => setAside(this.#file));
    const handle = await open(this.#file, "wx", 0o600);
    try {
      // Zeros would take no room where the file system compresses them. One piece for all: a daemon stays small.
      const piece = randomBytes(PIECE_BYTES);
      for (let left = this.#bytes; left > 0; left -= PIECE_BYTES)
        await handle.write(piece, 0, Math.min(left, PIECE_BYTES));
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  async #size(): Promise<number> {
    return await stat(this.#file).then(
      (found) => (found.isFile() ? found.size : 0),
      () => 0,
    );
  }
}
