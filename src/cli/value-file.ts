import { closeSync, openSync, readSync } from "node:fs";
import { StepwellError } from "../errors/stepwell-error.js";
import { VALUE_FILE_BYTES_MAX } from "../model/limits.js";

/**
 * The value that an option gives: @PATH is what the file holds, without the line feed at its
 * end; @@ is an at sign. Throws STEPWELL_USAGE for a file that can't be read or is too large.
 */
export function readValue(text: string, bytesMax = VALUE_FILE_BYTES_MAX): string {
  if (text.startsWith("@@")) return text.slice(1);
  if (!text.startsWith("@")) return text;
  const path = text.slice(1);
  let bytes: Buffer;
  try {
    bytes = readSome(path, bytesMax);
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : "it can't be read";
    throw new StepwellError("STEPWELL_USAGE", `The file ${path} gives no value: ${reason}.`, { cause });
  }
  if (bytes.length > bytesMax)
    throw new StepwellError("STEPWELL_USAGE", `The file ${path} has more than ${bytesMax / 1024} KiB.`);
  return bytes.toString("utf8").replace(/\r?\n$/, "");
}

/** One byte more than is allowed at most, also of a file that has no end. */
function readSome(path: string, bytesMax: number): Buffer {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(bytesMax + 1);
    let length = 0;
    for (;;) {
      const read = readSync(file, bytes, length, bytes.length - length, null);
      length += read;
      if (read === 0 || length === bytes.length) return bytes.subarray(0, length);
    }
  } finally {
    closeSync(file);
  }
}
