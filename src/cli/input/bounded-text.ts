/**
 * Text of a file and of standard input. Either may have no end: one byte more than is allowed is
 * read at most. Text is UTF-8; a byte-order mark before it is dropped. A file that a command names may be a pipe, as the
 * shell's <( ) is: whoever names one waits for what comes.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { StepwellError } from "../../errors/stepwell-error.js";
import { systemCode } from "../../errors/system-code.js";

/** The text of a file. Throws STEPWELL_USAGE for one that can't be read, "The file X `failed`: why", is too large or no text in UTF-8. */
export function readFileWithin(path: string, bytesMax: number, failed: string): string {
  let bytes: Buffer;
  try {
    bytes = readSome(path, bytesMax);
  } catch (cause) {
    const reason = systemCode(cause) ?? "it can't be read";
    throw new StepwellError("STEPWELL_USAGE", `The file ${path} ${failed}: ${reason}.`, { cause });
  }
  if (bytes.length > bytesMax) throw tooLarge(`The file ${path}`, bytesMax);
  return textIn(bytes, `The file ${path}`);
}

/** All of standard input. Throws STEPWELL_USAGE for more than so many bytes. */
export async function readInputWithin(bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw tooLarge("Standard input", bytesMax);
    chunks.push(chunk);
  }
  return textIn(Buffer.concat(chunks), "Standard input");
}

/** UTF-8 without the byte-order mark that an editor may put before it. Anything else would be another text. */
function textIn(bytes: Buffer, source: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new StepwellError("STEPWELL_USAGE", `${source} is no text in UTF-8.`, { cause });
  }
}

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

function tooLarge(source: string, bytesMax: number): StepwellError {
  return new StepwellError("STEPWELL_USAGE", `${source} has more than ${bytesMax / 1024} KiB.`);
}
