import type { StoreMark } from "../model/store-mark.js";

/** What a home remembers of one database. */
export interface StoreMemory {
  readonly mark: () => StoreMark;
  /** Whether whoever had it open last died with it open, and nobody has looked through it since. */
  readonly isUnclean: () => boolean;
  /** Remembers more, on disk when this resolves. */
  readonly keep: (change: Partial<StoreMark>) => Promise<void>;
  /** Remembers more, on disk before anything counts as delivered by it. */
  readonly note: (change: Partial<StoreMark>) => void;
  /** The database is an earlier state of itself, with so many transactions; resolves once that is noted. */
  readonly wentBack: (writes: number) => Promise<void>;
}
