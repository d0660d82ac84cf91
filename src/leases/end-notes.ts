/** Notes of ends that clients left while no daemon could be told. */
import { existsSync } from "node:fs";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { NoteKind, RunEndNote, StepEndNote } from "../home/end-note.js";
import type { Clock } from "../model/clock.js";
import { END_NOTE_BYTES_MAX } from "../model/limits.js";
import type { Log } from "../model/log.js";

/** The notes of one kind in a folder. */
export class EndNotes<Note extends StepEndNote | RunEndNote> {
  readonly #folder: string;
  readonly #kind: NoteKind<Note>;
  readonly #log: Log;
  /** Files that can't be read or removed; as notes they count for nothing. */
  readonly #unusable = new Set<string>();
  readonly #clock: Clock;
  /** When each file was seen first, of the monotonic clock. */
  #seenMs: ReadonlyMap<string, number> = new Map();

  /** The folder need not be there. */
  constructor(folder: string, kind: NoteKind<Note>, log: Log, clock: Clock) {
    this.#folder = folder;
    this.#kind = kind;
    this.#log = log;
    this.#clock = clock;
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

  /**
   * Notes that have been there before that moment of the monotonic clock: since they were seen first, as the times
   * of files are of a clock that jumps. The client takes its note away when the daemon could be told after all.
   */
  async before(timeMs: number): Promise<Required<Note>[]> {
    const notes: Required<Note>[] = [];
    const seenMs = new Map<string, number>();
    for (const name of await this.#names()) {
      const id = this.#kind.idIn(name);
      if (id === undefined || this.#unusable.has(name)) continue;
      const sinceMs = this.#seenMs.get(name) ?? this.#clock.monotonicMs();
      seenMs.set(name, sinceMs);
      const note = sinceMs < timeMs ? await this.find(id) : undefined;
      if (note) notes.push(note);
    }
    this.#seenMs = seenMs;
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
