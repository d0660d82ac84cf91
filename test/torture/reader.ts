import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Databases } from "./stage.js";

const READER = join(fileURLToPath(new URL("../../../", import.meta.url)), "test/torture/reader.py");
const run = promisify(execFile);

/** What reader.py found. Lost, doubled and invented count points, texts and runs. */
export interface Finding {
  readonly runs: number;
  readonly acknowledgedPoints: number;
  readonly acknowledgedTexts: number;
  readonly storedPoints: number;
  /** Entries that were refused and are dead letters. */
  readonly letters: number;
  readonly lost: number;
  readonly doubled: number;
  readonly invented: number;
  readonly findings: readonly string[];
}

/** A dead letter, as the command shows it. */
export interface Letter {
  readonly run_id: string;
  readonly tracker: string;
  readonly code: string;
}

/** Lets each database note from now on what is written twice. */
export async function placeWitness(python: string, databases: Databases): Promise<void> {
  for (const path of Object.values(databases)) await run(python, [READER, "witness", path]);
}

/** Reads the databases, which nobody may be writing to, and holds them against the ledgers. */
export async function readBack(
  python: string,
  databases: Databases,
  ledgers: readonly string[],
  letters: readonly Letter[],
): Promise<Finding> {
  const reading = run(python, [READER, "check"], { maxBuffer: 1 << 26 });
  // An argument would be too long once some hundred letters are to be looked for.
  reading.child.stdin?.end(JSON.stringify({ databases, ledgers, letters }));
  const { stdout } = await reading;
  return JSON.parse(stdout) as Finding;
}
