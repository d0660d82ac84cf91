/** Daemons of tests, made as the real one is: hundreds are started, and what their starts cost the suite pays. */
import { existsSync, mkdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { locked } from "./python-environment.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const FOLDER = join(ROOT, "build", "test-daemons");

/** What is used of scripts/one-file.mjs. */
interface OneFile {
  readonly serverSide: object;
  bundleInto(folder: string, program: string, options: object): Promise<string>;
  commonEntry(bundle: string): string;
  place(path: string, data: string, mode: number): void;
}

/**
 * Makes one file of the source of a daemon, or of a relay, a path in the repository; resolves to the file. One that was
 * made since the last build stays, and of test files that ask at once one makes it.
 */
export async function oneFileDaemon(source: string, program: "daemon" | "relay" = "daemon"): Promise<string> {
  const built = Math.trunc(statSync(join(ROOT, "build/stepwell-daemon.cjs")).mtimeMs);
  const entry = join(FOLDER, `${basename(source, ".ts")}-${built}.cjs`);
  if (existsSync(entry)) return entry;
  mkdirSync(FOLDER, { recursive: true });
  await locked(`${entry}.lock`, async () => {
    if (!existsSync(entry)) await make(source, program, entry);
  });
  return entry;
}

async function make(source: string, program: "daemon" | "relay", entry: string): Promise<void> {
  const oneFile = (await import(pathToFileURL(join(ROOT, "scripts/one-file.mjs")).href)) as OneFile;
  const file = await oneFile.bundleInto(FOLDER, program, { ...oneFile.serverSide, entryPoints: [source] });
  oneFile.place(entry, oneFile.commonEntry(file), 0o644);
}
