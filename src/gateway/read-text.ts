import type { Readable } from "node:stream";
import { GATEWAY_BODIES_BYTES_MAX } from "../model/limits.js";
import { RequestFault } from "./requests/request-fault.js";

/** Bytes of all that is being read. */
let underWay = 0;

/** A body, read whole. Rejects where it is longer. */
export async function readText(body: Readable, bytesMax: number): Promise<string> {
  return (await readBytes(body, bytesMax)).toString("utf8");
}

/**
 * The same as bytes. Rejects, too, where too much is being read at once. A request's body says how long it may stand still:
 * then its connection is cut.
 */
export async function readBytes(body: Readable, bytesMax: number, stallMs?: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const cut = () => body.destroy(new RequestFault("BAD_REQUEST", "The rest of the body did not come."));
  const timer = stallMs === undefined ? undefined : setTimeout(cut, stallMs);
  try {
    // A request is ended by its answer, which says why; an answer that nobody reads on is ended here.
    const isRequest = stallMs !== undefined;
    for await (const chunk of body.iterator({ destroyOnReturn: !isRequest }) as AsyncIterable<Buffer>) {
      timer?.refresh();
      bytes += chunk.length;
      underWay += chunk.length;
      chunks.push(chunk);
      const fault = faultOf(bytes, bytesMax);
      if (fault) throw fault;
    }
  } finally {
    underWay -= bytes;
    clearTimeout(timer);
  }
  return Buffer.concat(chunks);
}

function faultOf(bytes: number, bytesMax: number): RequestFault | undefined {
  if (bytes > bytesMax)
    return new RequestFault("INVALID_PARAMETER_VALUE", `A body may have at most ${bytesMax} bytes.`);
  if (underWay <= GATEWAY_BODIES_BYTES_MAX) return undefined;
  return new RequestFault("TEMPORARILY_UNAVAILABLE", "Too much is sent at once. Send it again.");
}
