/**
 * What a home remembers of a store that it writes cursors to, so that it notices when the store is gone,
 * was replaced, or is an earlier state of itself: also where every run in it is idle or finished. Each
 * transaction counts a row of the home's up; a store that has counted less has forgotten something.
 */

/** A store's file as it was seen; what differs was changed by somebody. */
export interface FileState {
  readonly inode: string;
  readonly size: number;
  /** When anything about it changed, in ns since 1970 as text. */
  readonly changedNs: string;
  /** SQLite's own count of changes, from the file's head: what leaves it alone was not written by SQLite. */
  readonly counter: number;
}

/** What is remembered of one store. */
export interface StoreMark {
  /** The home's id that the count goes by. */
  readonly homeId: string;
  /** Transactions that reached the store. */
  readonly writes: number;
  /** The file after the last of them, or as it was looked at since. */
  readonly file: FileState | undefined;
  /** A daemon uses the store, or died while it did. */
  readonly isOpen: boolean;
  /** The store went back, and what its runs have is not compared in full yet. */
  readonly isComparing: boolean;
  /** Somebody said that a new store is meant where there is none. */
  readonly isRenewed: boolean;
}

export const NO_MARK: StoreMark = {
  homeId: "",
  writes: 0,
  file: undefined,
  isOpen: false,
  isComparing: false,
  isRenewed: false,
};

/** The home's transactions that are known to have reached the store; a new id begins at none. */
export function knownWrites(
  mark: Pick<StoreMark, "homeId" | "writes" | "isRenewed">,
  homeId: string,
): number {
  return mark.homeId === homeId && !mark.isRenewed ? mark.writes : 0;
}

/** Whether nothing was delivered to it that it may have lost: where it is missing, it is made. */
export function isNewStore({ writes, isRenewed }: StoreMark): boolean {
  return writes === 0 || isRenewed;
}

export function isSameFile(one: FileState | undefined, other: FileState | undefined): boolean {
  if (!one || !other) return one === other;
  return one.inode === other.inode && one.size === other.size && one.changedNs === other.changedNs;
}
