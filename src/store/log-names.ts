/**
 * LevelDB begins a new log whenever its memory table is full, and syncs what it writes there but not the
 * new log's name: until its next manifest a power cut may take the name away, and with it what was synced.
 */
import { readdir } from "node:fs/promises";
import { syncFolder } from "../home/replace-file.js";

export class LogNames {
  readonly #folder: string;
  #newest: string | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The database was opened: the names of its files are on disk. */
  async opened(): Promise<void> {
    this.#newest = await this.#newestLog();
  }

  /** Puts the name of a log that began since on disk; answers whether one did. */
  async keep(): Promise<boolean> {
    const newest = await this.#newestLog();
    if (newest === this.#newest) return false;
    await syncFolder(this.#folder);
    this.#newest = newest;
    return true;
  }

  async #newestLog(): Promise<string | undefined> {
    return (await readdir(this.#folder))
      .filter((name) => /^\d+\.log$/.test(name))
      .sort()
      .at(-1);
  }
}
