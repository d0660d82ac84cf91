/**
 * What a program of `stepwell run` wrote so far, as a file of the home: a line of JSON that says whose it is, and the bytes. The
 * command removes it at its end. It stays where the command is killed, and the daemon makes the run's artifact of it.
 */
import { readPlain } from "./plain-file.js";
import { replaceFile } from "./replace-file.js";

/** Whose output it is. */
export interface LeftHead {
  /** The process of the command. */
  readonly process: {
    readonly bootId: string;
    readonly pidNamespace: string;
    readonly pid: number;
    readonly startTicks: string;
  };
  readonly runId: string;
  readonly tracker: string;
}

export interface LeftOutput {
  readonly head: LeftHead;
  readonly bytes: Buffer;
}

/** How the files are called: by their runs. What follows is of one that was being written. */
export const LEFT_OUTPUT_NAME = /^([0-9a-f]{32}\.output)(\.[0-9a-f]{12})?$/;
/** The artifact that becomes of it. */
export const OUTPUT_ARTIFACT = "output.log";
const FILE_BYTES_MAX = 16 * 1024 * 1024;

/** Writes it; a reader sees all of what was before, or all of this. */
export async function writeLeftOutput(path: string, head: LeftHead, bytes: Buffer): Promise<void> {
  await replaceFile(path, Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), bytes]));
}

/** Undefined for a file that is none. Throws what the system says. */
export async function readLeftOutput(path: string): Promise<LeftOutput | undefined> {
  const file = await readPlain(path, FILE_BYTES_MAX);
  const end = file.indexOf("\n");
  const head = end === -1 ? undefined : headOf(file.subarray(0, end).toString("utf8"));
  return head && { head, bytes: file.subarray(end + 1) };
}

function headOf(line: string): LeftHead | undefined {
  try {
    const { process, runId, tracker } = JSON.parse(line) as Partial<LeftHead>;
    if (typeof runId !== "string" || typeof tracker !== "string" || !process) return undefined;
    const { bootId, pidNamespace, pid, startTicks } = process as Partial<LeftHead["process"]>;
    const texts = [bootId, pidNamespace, startTicks];
    if (typeof pid !== "number" || !texts.every((text) => typeof text === "string")) return undefined;
    return { process, runId, tracker };
  } catch {
    return undefined;
  }
}
