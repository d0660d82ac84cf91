import { NO_MARK, type StoreMark } from "../model/store-mark.js";
import type { StoreMemory } from "../sinks/store-memory.js";

/**
 * What a sink remembers of a store while it delivers for another home: that home's count of transactions is not
 * this one's, and the cursors tell what was forgotten.
 */
export function volatileMemory(): StoreMemory {
  let mark: StoreMark = NO_MARK;
  const note = (change: Partial<StoreMark>) => {
    mark = { ...mark, ...change };
  };
  return {
    mark: () => mark,
    isUnclean: () => false,
    keep: async (change) => note(change),
    note,
    wentBack: async (writes) => note({ writes }),
  };
}
