import type { IncomingMessage } from "node:http";

/** A request's whole body; undefined where who sent it broke off: a daemon that is killed in the midst is no fault of a test. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}
