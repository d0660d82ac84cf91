/** Notes of ends that clients left while no daemon could be told. */
import { existsSync } from "node:fs";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { NoteKind, RunEndNote, StepEndNote } from "../home/end-note.js";
import { END_NOTE_BYTES_MAX } from "../model/limits.js";
import type { Log } from "../model/log.js";

/** The notes of one kind in a folder. */
export class EndNotes<Note extends StepEndNote | RunEndNote> {
  readonly #folder: string;
  readonly #kind: NoteKind<Note>;
  readonly #log: Log;
  /** Files that can't be read or removed; as notes they count for nothing. */
  readonly #unusable = new Set<string>();

  /** The folder need not be there. */
  constructor(folder: string, kind: NoteKind<Note>, log: Log) {
    this.#folder = folder;
    this.#kind = kind;
    this.#log = log;
  }

  /** The note of what has that id; undefined where there is none that can be read. */
  async find(id: string): Promise<Required<Note> | undefined> {
    const name = this.#kind.fileOf(id);
    if (this.#unusable.has(name)) return undefined;
    try {
      return await this.#read(join(this.#folder, name), id);
    } catch (error) {
      if (!isMissing(error)) this.#giveUp(name, error);
      return undefined;
    }
  }

  /** Notes that are older than that point in time, in milliseconds since 1970. */
  async before(timeMs: number): Promise<Required<Note>[]> {
    const notes: Required<Note>[] = [];
    for (const name of await this.#names()) {
      const id = this.#kind.idIn(name);
      if (id === undefined || this.#unusable.has(name)) continue;
      // The client takes its note away when the daemon could be told after all.
      const found = await stat(join(this.#folder, name)).catch(() => undefined);
      const note = found && found.mtimeMs < timeMs ? await this.find(id) : undefined;
      if (note) notes.push(note);
    }
    return notes;
  }

  async remove(id: string): Promise<void> {
    const name = this.#kind.fileOf(id);
    await rm(join(this.#folder, name), { force: true }).catch((error: unknown) => this.#giveUp(name, error));
  }

  /** Looked for each second: where no client ever left a note that wakes no other thread. */
  async #names(): Promise<string[]> {
    return existsSync(this.#folder) ? await readdir(this.#folder) : [];
  }

  async #read(file: string, id: string): Promise<Required<Note>> {
    const { size, mtimeMs } = await stat(file);
    const note = size <= END_NOTE_BYTES_MAX ? this.#kind.parse(await readFile(file, "utf8")) : undefined;
    if (!note || this.#kind.idOf(note) !== id) throw new Error("It is no note of what its name says.");
    return { ...note, endTimeMs: note.endTimeMs ?? Math.round(mtimeMs) } as Required<Note>;
  }

  #giveUp(name: string, error: unknown): void {
    this.#unusable.add(name);
    const file = join(this.#folder, name);
    this.#log("warn", "a note of an end is left aside", { file, reason: String(error) });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
