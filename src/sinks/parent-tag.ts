/** A child's tag names its parent by any id that the run has; a backend has one of them. */
import { isId } from "../model/id.js";
import type { KeyValue } from "../model/pack.js";
import type { RunIds } from "./run-ids.js";
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

/** Tags with what stands in the place of parents. */
export function replaceParents(
  tags: readonly KeyValue[],
  parents: ReadonlyMap<string, string>,
): readonly KeyValue[] {
  if (parents.size === 0) return tags;
  return tags.map((tag) =>
    tag.key === PARENT_TAG ? { ...tag, value: parents.get(tag.value) ?? tag.value } : tag,
  );
}

/** What stands in the place of the parents that tags name, by the ids in the tags; of those that have another id there. */
export async function parentsOf(
  tags: readonly { readonly [Part in keyof KeyValue]: string | undefined }[],
  idThere: (runId: string) => Promise<string>,
): Promise<ReadonlyMap<string, string>> {
  const parents = new Map<string, string>();
  for (const { key, value } of tags) {
    if (key !== PARENT_TAG || value === undefined || parents.has(value)) continue;
    const there = await idThere(value);
    if (there !== value && isId(there)) parents.set(value, there);
  }
  return parents;
}

/**
 * The id of a run at a server that gives ids of its own; any other id stays as it is. Undefined: the run goes there,
 * too, and has to be there first.
 */
export async function idAtServer(
  runIds: Pick<RunIds, "find" | "ownId" | "isExpected">,
  runId: string,
): Promise<string | undefined> {
  const own = await runIds.ownId(runId);
  const known = await runIds.find(own);
  if (known?.kind === "known") return known.mlflowRunId;
  return runIds.isExpected(own) ? undefined : runId;
}
