import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RecordPlaces } from "./cut.js";

const SOURCE = join(fileURLToPath(new URL("../../../../", import.meta.url)), "test/torture/power/recorder.c");

/** Whether this machine can record: it needs Linux and a C compiler. */
export function canRecord(): boolean {
  return process.platform === "linux" && spawnSync("cc", ["--version"]).status === 0;
}

/** Compiles the recorder into a folder; answers its path. Throws with the compiler's words. */
export function compileRecorder(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const library = join(folder, "recorder.so");
  const args = [
    "-O2",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-shared",
    "-fPIC",
    "-o",
    library,
    SOURCE,
    "-ldl",
    "-lpthread",
  ];
  const { status, stderr } = spawnSync("cc", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`the recorder does not compile: ${stderr}`);
  return library;
}

/** How a disk fails. */
export type DiskError = "EIO" | "ENOSPC";

/** What makes one in so many writes and syncs of the journal and the state store fail. */
export function troubled(error: DiskError, oneIn: number): Readonly<Record<string, string>> {
  return { RECORD_TROUBLE: `${constants.errno[error]} ${oneIn}` };
}

/** What makes a daemon record. */
export function recorded(library: string, places: RecordPlaces): Readonly<Record<string, string>> {
  mkdirSync(places.graveyard, { recursive: true });
  return {
    LD_PRELOAD: library,
    RECORD_HOME: places.home,
    RECORD_LOG: places.record,
    RECORD_GRAVEYARD: places.graveyard,
    // Else Node may write past the C library.
    UV_USE_IO_URING: "0",
  };
}
