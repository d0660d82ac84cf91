import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RecordPlaces } from "./cut.js";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const SOURCE = join(ROOT, "test/torture/power/recorder.c");
/** Where daemons of tests are made, too. */
const MADE = join(ROOT, "build/test-daemons");

/** Whether this machine can record: it needs Linux and a C compiler. */
export function canRecord(): boolean {
  return process.platform === "linux" && spawnSync("cc", ["--version"]).status === 0;
}

/** Makes the recorder of the source as it is, unless that was done; answers its path. Throws with the compiler's words. */
export function compiledRecorder(): string {
  const source = createHash("sha256").update(readFileSync(SOURCE)).digest("hex").slice(0, 12);
  const library = join(MADE, `recorder-${source}.so`);
  if (existsSync(library)) return library;
  mkdirSync(MADE, { recursive: true });
  const draft = `${library}.${process.pid}`;
  const words = ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"];
  const args = [...words, "-o", draft, SOURCE, "-ldl", "-lpthread"];
  const { status, stderr } = spawnSync("cc", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`the recorder does not compile: ${stderr}`);
  renameSync(draft, library);
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
