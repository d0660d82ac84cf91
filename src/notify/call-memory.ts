/** A file that says when the user's command was called last. Nothing depends on it: without it the daemon may call too early once. */
import { writeFileSync } from "node:fs";
import { readPlainSync } from "../home/plain-file.js";
import type { CallMemory } from "./notifier.js";

const BYTES_MAX = 32;

export function callMemory(file: string): CallMemory {
  return {
    lastMs: () => {
      try {
        const ms = Number(readPlainSync(file, 0, BYTES_MAX));
        return Number.isSafeInteger(ms) && ms > 0 ? ms : undefined;
      } catch {
        return undefined;
      }
    },
    called: (nowMs) => {
      try {
        writeFileSync(file, `${Math.round(nowMs)}`, { mode: 0o600 });
      } catch {
        // As on a full disk.
      }
    },
  };
}
