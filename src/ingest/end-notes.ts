/** Notes of ended steps that clients left while no daemon could be told. */
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type EndNote, endNoteFile, isEndNoteFile, parseEndNote } from "../model/end-note.js";
import { STEP_END_NOTE_BYTES_MAX } from "../model/limits.js";
import type { Log } from "../model/log.js";

export class StepEnds {
  readonly #folder: string;
  readonly #log: Log;
  /** Files that can't be read or removed; as notes they count for nothing. */
  readonly #unusable = new Set<string>();

  /** The folder need not be there. */
  constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log;
  }

  /** The note that a step left; undefined where there is none that can be read. */
  async find(stepRunId: string): Promise<Required<EndNote> | undefined> {
    const name = endNoteFile({ stepRunId });
    if (this.#unusable.has(name)) return undefined;
    try {
      return await this.#read(join(this.#folder, name), stepRunId);
    } catch (error) {
      if (!isMissing(error)) this.#giveUp(name, error);
      return undefined;
    }
  }

  /** Notes that are older than that point in time, in milliseconds since 1970. */
  async before(timeMs: number): Promise<Required<EndNote>[]> {
    const names = await this.#names();
    const notes: Required<EndNote>[] = [];
    for (const name of names.filter((each) => isEndNoteFile(each) && !this.#unusable.has(each))) {
      // The client takes its note away when the daemon could be told after all.
      const found = await stat(join(this.#folder, name)).catch(() => undefined);
      const note = found && found.mtimeMs < timeMs ? await this.find(name.slice(0, 32)) : undefined;
      if (note) notes.push(note);
    }
    return notes;
  }

  async remove(stepRunId: string): Promise<void> {
    const name = endNoteFile({ stepRunId });
    await rm(join(this.#folder, name), { force: true }).catch((error: unknown) => this.#giveUp(name, error));
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.#folder);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  async #read(file: string, stepRunId: string): Promise<Required<EndNote>> {
    const { size, mtimeMs } = await stat(file);
    const note = size <= STEP_END_NOTE_BYTES_MAX ? parseEndNote(await readFile(file, "utf8")) : undefined;
    if (note?.stepRunId === stepRunId) return { ...note, endTimeMs: note.endTimeMs ?? Math.round(mtimeMs) };
    throw new Error("It is no note of that step.");
  }

  #giveUp(name: string, error: unknown): void {
    this.#unusable.add(name);
    const file = join(this.#folder, name);
    this.#log("warn", "a note of a step's end is left aside", { file, reason: String(error) });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
