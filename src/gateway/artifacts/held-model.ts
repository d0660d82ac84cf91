/** A file that says what a model is, looked at before anybody decides where it goes: ids of the daemon's are replaced in the spool. */
import { Readable } from "node:stream";
import { GATEWAY_BODY_STALL_MS } from "../../model/limits.js";
import type { GatewayCall } from "../call.js";
import { readBytes } from "../read-text.js";
import { countIds } from "./replaced-ids.js";
import { UPLOADED_FILE_BYTES_MAX } from "./uploaded.js";

/** The file, and whether its tracker has, or may have, other ids for what stands in it. */
export interface HeldModel {
  readonly body: Readable;
  readonly hasOtherIds: boolean;
}

/** Reads such a file, unless it is large or does not say its length: then that may be. Rejects as the body does. */
export async function holdModel(
  { body, headers }: Pick<GatewayCall, "body" | "headers">,
  othersOf: (ids: Iterable<string>) => Promise<ReadonlyMap<string, string>>,
): Promise<HeldModel> {
  const length = Number(headers["content-length"]);
  if (!(length <= UPLOADED_FILE_BYTES_MAX)) return { body, hasOtherIds: true };
  const bytes = await readBytes(body, UPLOADED_FILE_BYTES_MAX, GATEWAY_BODY_STALL_MS);
  const counts = await countIds(Readable.from([bytes]));
  const hasOtherIds = await othersOf(counts.keys()).then(
    ({ size }) => size > 0,
    // It can't be told yet.
    () => true,
  );
  return { body: Readable.from([bytes]), hasOtherIds };
}
