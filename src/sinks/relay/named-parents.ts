/** Parents of a pack's run, as the backend behind a relay calls them. A relay can't know: its home does. */
import type { Pack } from "../../model/pack.js";
import type { RunStart } from "../../model/run.js";
import { idAtServer, parentsOf } from "../parent-tag.js";
import type { RunIds } from "../run-ids.js";

export interface NamedParents {
  /** The run's start, with the parent's id there. */
  readonly start: RunStart;
  /** Ids there by those in the pack's records. */
  readonly parents: ReadonlyMap<string, string>;
}

/** `isOurs`: whether the backend has our ids. Answers the id of a parent that has to be made there first. */
export async function namedParents(
  pack: Pack,
  start: RunStart,
  runIds: Pick<RunIds, "find" | "ownId" | "isExpected">,
  isOurs: boolean,
): Promise<NamedParents | { readonly missing: string }> {
  let missing: string | undefined;
  const idThere = async (named: string) => {
    const runId = pack.parents?.get(named) ?? named;
    const there = isOurs ? await runIds.ownId(runId) : await idAtServer(runIds, runId);
    if (there === undefined) missing ??= runId;
    return there ?? runId;
  };
  const { parentRunId } = start;
  const there = parentRunId && (await idThere(parentRunId));
  const parents = new Map(await parentsOf(pack.tags, idThere));
  // Of a pack out of a bundle the tags have our ids already; its records have not.
  for (const named of pack.parents?.keys() ?? []) parents.set(named, await idThere(named));
  return missing === undefined ? { start: { ...start, parentRunId: there }, parents } : { missing };
}
