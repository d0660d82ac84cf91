import type { Readable } from "node:stream";
import { RequestFault } from "./requests/request-fault.js";

/** A body, read whole. Rejects where it is longer. */
export async function readText(body: Readable, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) {
      body.destroy();
      throw new RequestFault("INVALID_PARAMETER_VALUE", `A body may have at most ${bytesMax} bytes.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
