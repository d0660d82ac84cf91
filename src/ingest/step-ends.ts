/** Notes of ended steps that clients left while no daemon could be told. */
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type EndNote, endNoteFile, isEndNoteFile, parseEndNote } from "../model/end-note.js";
import type { Log } from "../model/log.js";

export class StepEnds {
  readonly #folder: string;
  readonly #log: Log;

  /** The folder need not be there. */
  constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log;
  }

  /** The note that a step left; undefined where there is none. */
  async find(stepRunId: string): Promise<Required<EndNote> | undefined> {
    const file = join(this.#folder, endNoteFile({ stepRunId }));
    const [found, text] = [await ifThere(stat(file)), await ifThere(readFile(file, "utf8"))];
    if (!found || text === undefined) return undefined;
    const note = parseEndNote(text);
    if (note) return { ...note, endTimeMs: note.endTimeMs ?? Math.round(found.mtimeMs) };
    this.#log("warn", "a note of a step's end can't be read", { file });
    await this.remove(stepRunId);
    return undefined;
  }

  /** Notes that are older than that point in time, in milliseconds since 1970. */
  async before(timeMs: number): Promise<Required<EndNote>[]> {
    const names = (await ifThere(readdir(this.#folder))) ?? [];
    const notes: Required<EndNote>[] = [];
    for (const name of names.filter(isEndNoteFile)) {
      const found = await ifThere(stat(join(this.#folder, name)));
      const note = found && found.mtimeMs < timeMs ? await this.find(name.slice(0, 32)) : undefined;
      if (note) notes.push(note);
    }
    return notes;
  }

  async remove(stepRunId: string): Promise<void> {
    await rm(join(this.#folder, endNoteFile({ stepRunId })), { force: true });
  }
}

/** The client takes its note away when the daemon could be told after all. */
async function ifThere<Value>(work: Promise<Value>): Promise<Value | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
