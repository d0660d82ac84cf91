/** The home's folder of curves: a file for each run, the least used of which go where there are too many or too large ones. */
import { rmSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeFolderIn } from "../home/durable-folder.js";
import { CURVE_FILES_MAX } from "../model/curve-limits.js";

const NAME = /^([0-9a-f]{32})\.curves$/;
const DRAFT = /^[0-9a-f]{32}\.curves\.new$/;

export class CurveFolder {
  readonly #folder: string;
  readonly #quotaBytes: number;
  /** Bytes of each run's file; the one that was used last is the last. */
  readonly #sizes = new Map<string, number>();
  #bytes = 0;
  #isKnown = false;

  constructor(folder: string, quotaBytes: number) {
    this.#folder = folder;
    this.#quotaBytes = quotaBytes;
  }

  /** Where a run's file is, or would be. */
  pathOf(runId: string): string {
    return join(this.#folder, `${runId}.curves`);
  }

  /** Makes the folder; removes what a kill left of a save, and files of runs that the home does not know. */
  async open(isKnown: (runId: string) => Promise<boolean>): Promise<void> {
    await makeFolderIn(dirname(this.#folder), basename(this.#folder));
    const found: { readonly runId: string; readonly bytes: number; readonly usedMs: number }[] = [];
    for (const name of await readdir(this.#folder)) {
      const runId = NAME.exec(name)?.[1];
      const path = join(this.#folder, name);
      if (DRAFT.test(name) || (runId !== undefined && !(await isKnown(runId))))
        await rm(path, { force: true });
      else if (runId !== undefined) {
        const { size, mtimeMs } = await stat(path);
        found.push({ runId, bytes: size, usedMs: mtimeMs });
      }
    }
    for (const { runId, bytes } of found.sort((one, other) => one.usedMs - other.usedMs))
      this.#keep(runId, bytes);
    this.#isKnown = true;
  }

  /** Whether a run may have a file: false once the folder was looked through and had none, nor was one saved since. */
  mayHave(runId: string): boolean {
    return !this.#isKnown || this.#sizes.has(runId);
  }

  /** A run's file was looked at. */
  used(runId: string): void {
    const bytes = this.#sizes.get(runId);
    if (bytes !== undefined) this.#keep(runId, bytes);
  }

  /** A run's file was written; answers the runs whose files went for it, which may be that one. */
  async saved(runId: string, bytes: number): Promise<string[]> {
    this.#keep(runId, bytes);
    const gone: string[] = [];
    for (const least of this.#sizes.keys()) {
      if (this.#bytes <= this.#quotaBytes && this.#sizes.size <= CURVE_FILES_MAX) break;
      await this.remove(least);
      gone.push(least);
    }
    return gone;
  }

  /** Removes a run's file, if there is one. */
  async remove(runId: string): Promise<void> {
    this.#forget(runId);
    await rm(this.pathOf(runId), { force: true });
  }

  /** Removes a run's file that turned out to be damaged, in this moment: a moment later there may be a new one in its place. */
  removeNow(runId: string): void {
    this.#forget(runId);
    rmSync(this.pathOf(runId), { force: true });
  }

  #forget(runId: string): void {
    this.#bytes -= this.#sizes.get(runId) ?? 0;
    this.#sizes.delete(runId);
  }

  #keep(runId: string, bytes: number): void {
    this.#bytes += bytes - (this.#sizes.get(runId) ?? 0);
    this.#sizes.delete(runId);
    this.#sizes.set(runId, bytes);
  }
}
