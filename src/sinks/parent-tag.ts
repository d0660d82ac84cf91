import type { KeyValue } from "../model/pack.js";
import { PARENT_TAG } from "./sink.js";

/** Tags with the ids that the backend has for runs' parents; the same ones where none names a parent. */
export async function withParents(
  tags: readonly KeyValue[],
  idThere: (runId: string) => Promise<string>,
): Promise<readonly KeyValue[]> {
  if (!tags.some(({ key }) => key === PARENT_TAG)) return tags;
  return await Promise.all(
    tags.map(async (tag) => (tag.key === PARENT_TAG ? { ...tag, value: await idThere(tag.value) } : tag)),
  );
}
