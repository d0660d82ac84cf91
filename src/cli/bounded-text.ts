/** Text from a file or from standard input, which may have no end. */
import { createReadStream } from "node:fs";
import { StepwellError } from "../errors/stepwell-error.js";

/**
 * All of the text; `source` names it in the error. Throws STEPWELL_USAGE for more than so many
 * bytes, of which no more are read, and what the file system throws.
 */
export async function readBounded(
  stream: AsyncIterable<Buffer | string>,
  bytesMax: number,
  source: string,
): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    const buffer = Buffer.from(chunk);
    bytes += buffer.length;
    if (bytes > bytesMax)
      throw new StepwellError("STEPWELL_USAGE", `${source} has more than ${bytesMax / 1024} KiB.`);
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The text of a file; "-" is standard input. Throws as readBounded. */
export async function readBoundedFile(path: string, bytesMax: number): Promise<string> {
  if (path === "-") return await readBounded(process.stdin, bytesMax, "Standard input");
  return await readBounded(createReadStream(path), bytesMax, `The file ${path}`);
}
