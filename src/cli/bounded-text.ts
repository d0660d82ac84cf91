/** Text from a file or from standard input, which may have no end. */
import { createReadStream } from "node:fs";
import { StepwellError } from "../errors/stepwell-error.js";

/**
 * The text of a file; "-" is standard input. Throws STEPWELL_USAGE for more than so many bytes,
 * of which no more are read, and what the file system throws.
 */
export async function readBoundedFile(path: string, bytesMax: number): Promise<string> {
  const isInput = path === "-";
  const stream: AsyncIterable<Buffer | string> = isInput ? process.stdin : createReadStream(path);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    const buffer = Buffer.from(chunk);
    bytes += buffer.length;
    if (bytes > bytesMax) {
      const source = isInput ? "Standard input" : `The file ${path}`;
      throw new StepwellError("STEPWELL_USAGE", `${source} has more than ${bytesMax / 1024} KiB.`);
    }
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}
