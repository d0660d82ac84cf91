import { closeSync, constants, fstatSync, readSync, statSync } from "node:fs";
import { EXIT } from "../../errors/row.js";
import { openPlainSync } from "../../home/plain-file.js";
import { sleep } from "../../home/wait.js";
import type { Context } from "../context.js";
import { visibleJson } from "../output/people.js";

/** Options of `daemon logs`. */
export interface LogsOptions {
  readonly lines: number;
  readonly follow?: true;
}

const BLOCK_BYTES = 64 * 1024;
const LINE_FEED = 10;

/** `daemon logs`: the log's last lines, and with --follow what comes after them. Needs no daemon. */
export async function logs(context: Context, options: LogsOptions): Promise<number> {
  const file = context.paths.logFile;
  let offset = sizeOf(file);
  if (offset === undefined && !options.follow) context.stderr(`There is no log yet: ${file}.\n`);
  if (offset !== undefined)
    context.stdout(visibleJson(readRange(file, beginOfLines(file, offset, options.lines), offset)));
  while (options.follow) {
    await sleep(200);
    const size = sizeOf(file) ?? 0;
    // A log that has become shorter is a new one.
    const begin = offset !== undefined && offset <= size ? offset : 0;
    if (size > begin) context.stdout(visibleJson(readRange(file, begin, size)));
    offset = size;
  }
  return EXIT.ok;
}

/** Where the last lines begin, read backwards, as a log may be large. */
function beginOfLines(file: string, size: number, lines: number): number {
  let missing = lines;
  for (let end = size; end > 0; end -= Math.min(BLOCK_BYTES, end)) {
    const begin = Math.max(0, end - BLOCK_BYTES);
    const block = readBytes(file, begin, end);
    for (let index = block.length - 1; index >= 0; index--) {
      // The line feed at the very end ends the last line and begins none.
      if (block[index] !== LINE_FEED || begin + index === size - 1) continue;
      missing -= 1;
      if (missing <= 0) return begin + index + 1;
    }
  }
  return 0;
}

/** Undefined where there is no log; a folder or a pipe in its place is none. */
function sizeOf(file: string): number | undefined {
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    return found?.isFile() ? found.size : undefined;
  } catch {
    // A link that leads to itself.
    return undefined;
  }
}

function readRange(file: string, begin: number, end: number): string {
  return readBytes(file, begin, end).toString("utf8");
}

function readBytes(file: string, begin: number, end: number): Buffer {
  const handle = openPlainSync(file, constants.O_RDONLY);
  try {
    const bytes = Buffer.alloc(Math.min(end, fstatSync(handle).size) - begin);
    return bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, begin));
  } finally {
    closeSync(handle);
  }
}
