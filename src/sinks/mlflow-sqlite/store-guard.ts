/**
 * Guards a database that was delivered to: before anything is written it has to be there, to hold what
 * every such database holds, to be whole where its bytes may have changed without SQLite, and to be no
 * earlier state of itself.
 */
import { type StepwellError, toStepwellError } from "../../errors/stepwell-error.js";
import { type FileState, isNewStore, isSameFile, type StoreMark } from "../../model/store-mark.js";
import type { Connection } from "./connection.js";
import { FileReader, isTampered } from "./file-state.js";
import { checkKept, goneFault, writesOf } from "./homes.js";
import { checkPages } from "./page-check.js";

/** What is remembered of the database, and whether it has to be looked through. */
export interface Guarded {
  readonly mark: StoreMark;
  /** Whether whoever had it open last died with it open. */
  readonly isUnclean: boolean;
}

export class StoreGuard {
  readonly #path: string;
  readonly #file: FileReader;
  /** The file as it was looked through last, and what was wrong with it. */
  #checked: { readonly file: FileState; readonly fault: StepwellError | undefined } | undefined;

  constructor(path: string) {
    this.#path = path;
    this.#file = new FileReader(path);
  }

  /** The file as it is now; undefined where there is none. */
  file(): FileState | undefined {
    return this.#file.read();
  }

  /** Only where no connection to the file is open. */
  letGo(): void {
    this.#file.close();
  }

  /** Before it is opened. Throws STEPWELL_STORE_GONE. */
  checkThere({ mark }: Guarded): void {
    if (isNewStore(mark)) return;
    if (this.file() === undefined) throw goneFault(this.#path, "is gone");
  }

  /** Whether the file changed since it was left, and SQLite did not change it. */
  isTampered({ mark }: Guarded): boolean {
    return isChangedOtherwise(mark.file, this.file());
  }

  /**
   * Inside a transaction. Throws STEPWELL_STORE_GONE or STEPWELL_DATABASE_DAMAGED; answers the home's
   * transactions that the database has.
   */
  checkContent(connection: Connection, homeId: string, { mark, isUnclean }: Guarded): number {
    checkKept(connection, this.#path, mark);
    const file = this.file();
    if (file && (isUnclean || isChangedOtherwise(mark.file, file))) this.#look(connection, file);
    return writesOf(connection, homeId);
  }

  /** Once for a file as it is. */
  #look(connection: Connection, file: FileState): void {
    if (!isSameFile(this.#checked?.file, file))
      this.#checked = { file, fault: this.#faultOf(connection, file) };
    if (this.#checked?.fault) throw this.#checked.fault;
  }

  #faultOf(connection: Connection, { size }: FileState): StepwellError | undefined {
    try {
      checkPages(connection, this.#path, size);
      return undefined;
    } catch (error) {
      const fault = toStepwellError(error);
      // A lock says nothing of the pages.
      if (fault.code !== "STEPWELL_DATABASE_DAMAGED") throw fault;
      return fault;
    }
  }
}

function isChangedOtherwise(before: FileState | undefined, now: FileState | undefined): boolean {
  return before !== undefined && now !== undefined && !isSameFile(before, now) && isTampered(before, now);
}
