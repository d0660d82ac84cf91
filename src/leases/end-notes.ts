/** Notes of ends that clients left while no daemon could be told. */

import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { isCode, systemCode } from "../errors/system-code.js";
import type { NoteKind, RunEndNote, StepEndNote } from "../home/end-note.js";
import { openPlain, readPlain } from "../home/plain-file.js";
import type { Clock } from "../model/clock.js";
import { END_NOTE_BYTES_MAX } from "../model/limits.js";
import type { Log } from "../model/log.js";
import { FolderNames } from "./folder-names.js";

/** So many files that are no notes are said by name; of more, how many there are. */
const NAMED_MAX = 3;
/** So many other files in the folder are nobody's slip. */
const OTHERS_MAX = 1_000;
/** Names of files that can be neither read nor put aside; with more the oldest are tried again. */
const UNUSABLE_MAX = 1_000;

/** The notes of one kind in a folder. */
export class EndNotes<Note extends StepEndNote | RunEndNote> {
  readonly #folder: string;
  readonly #kind: NoteKind<Note>;
  readonly #log: Log;
  readonly #names: FolderNames;
  /** Files that can't be read, removed or put aside; as notes they count for nothing. */
  readonly #unusable = new Set<string>();
  #aside = 0;
  #hasSaidWhy = false;
  readonly #clock: Clock;
  /** When each file was seen first, of the monotonic clock. */
  #seenMs: ReadonlyMap<string, number> = new Map();

  /** The folder need not be there. */
  constructor(folder: string, kind: NoteKind<Note>, log: Log, clock: Clock) {
    this.#folder = folder;
    this.#kind = kind;
    this.#log = log;
    this.#clock = clock;
    this.#names = new FolderNames(folder, (name) => kind.idIn(name) !== undefined, clock);
  }

  /** The note of what has that id; undefined where there is none that can be read. */
  async find(id: string): Promise<Required<Note> | undefined> {
    const name = this.#kind.fileOf(id);
    if (this.#unusable.has(name)) return undefined;
    try {
      return await this.#read(join(this.#folder, name), id);
    } catch (error) {
      if (!isCode(error, "ENOENT")) await this.#giveUp(name, error);
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
    for (const name of await this.#look()) {
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

  async #look(): Promise<Iterable<string>> {
    try {
      const names = await this.#names.look();
      if (this.#names.others >= OTHERS_MAX) this.#sayOnce(`it holds ${this.#names.others} other files`);
      return names;
    } catch (error) {
      this.#sayOnce(String(error));
      return [];
    }
  }

  async #read(file: string, id: string): Promise<Required<Note>> {
    const mtimeMs = await mtimeOf(file);
    const note = this.#kind.parse((await readPlain(file, END_NOTE_BYTES_MAX)).toString("utf8"));
    if (!note || this.#kind.idOf(note) !== id) throw new Error("It is no note of what its name says.");
    return { ...note, endTimeMs: note.endTimeMs ?? Math.round(mtimeMs) } as Required<Note>;
  }

  /** What is no note gets another name, so that it is looked at once; what can't be read now may be one. */
  async #giveUp(name: string, error: unknown): Promise<void> {
    const file = join(this.#folder, name);
    const isAside = !isOfSystem(error) && (await tryRename(file, `${file}.aside`));
    if (!isAside) this.#remember(name);
    this.#aside += 1;
    // Of 20,000 files this is a few lines.
    if (this.#aside > NAMED_MAX && !Number.isInteger(Math.log10(this.#aside))) return;
    const facts = { file, files: this.#aside, reason: String(error) };
    this.#log("warn", "a note of an end is left aside", facts);
  }

  #remember(name: string): void {
    this.#unusable.add(name);
    const [oldest] = this.#unusable;
    if (this.#unusable.size > UNUSABLE_MAX && oldest !== undefined) this.#unusable.delete(oldest);
  }

  #sayOnce(reason: string): void {
    if (this.#hasSaidWhy) return;
    this.#hasSaidWhy = true;
    this.#log("warn", "notes of ends may come late", { folder: this.#folder, reason });
  }
}

/** When a plain file was written, in milliseconds since 1970. */
async function mtimeOf(file: string): Promise<number> {
  const handle = await openPlain(file);
  try {
    return (await handle.stat()).mtimeMs;
  } finally {
    await handle.close();
  }
}

async function tryRename(from: string, to: string): Promise<boolean> {
  return await rename(from, to).then(
    () => true,
    () => false,
  );
}

/** Whether the system says so, as of a disk that fails, and not the file. */
function isOfSystem(error: unknown): boolean {
  return systemCode(error) !== undefined;
}
