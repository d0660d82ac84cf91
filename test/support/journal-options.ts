import type { JournalOptions } from "../../src/journal/options.js";
import { keptLog } from "./logs.js";

/** What a journal needs. Only what a test gives matters; the notes are in memory. */
export function journalOptions(folder: string, more: Partial<JournalOptions> = {}): JournalOptions {
  let noted: readonly number[] = [];
  return {
    folder,
    log: keptLog().log,
    seqFloor: 1,
    notes: {
      read: async () => noted,
      write: async (numbers) => {
        noted = numbers;
      },
    },
    liveRuns: () => [],
    makeRoom: async () => false,
    retire: async () => undefined,
    secure: async () => undefined,
    onJournaled: () => undefined,
    onReopened: () => undefined,
    quotaBytes: 1_000_000_000,
    window: { ms: 0, bytes: 0 },
    ...more,
  };
}
