/** Runs and models that are in the database already, held against what the packs' senders may write. */
import type { Pack } from "../../model/pack.js";
import { DEFAULT_WORKSPACE, type Rights } from "../../model/rights.js";
import type { Outcome } from "../sink.js";
import type { Connection } from "./connection.js";
import type { Place } from "./place.js";

interface Named {
  readonly name: string;
  readonly workspace: string;
}

/**
 * Packs whose run, or a model that it has points of, is in an experiment that their sender may not write: what a
 * pack says of its run need not be so. Nothing is asked where nobody's rights are bounded.
 */
export async function unpermittedRuns(
  connection: Connection,
  packs: readonly Pack[],
  place: Place,
  experimentIds: ReadonlyMap<string, string>,
): Promise<Map<Pack, Outcome>> {
  const faults = new Map<Pack, Outcome>();
  const bounded = packs.flatMap((pack) => {
    const rights = place.rightsOf(pack);
    return rights?.isBounded ? [{ pack, rights }] : [];
  });
  if (bounded.length === 0) return faults;
  const ofModels = await experimentsOfModels(
    connection,
    bounded.map(({ pack }) => pack),
    place,
  );
  const ofRuns = bounded.flatMap(({ pack }) => experimentIds.get(pack.runId) ?? []);
  const names = await namesOf(connection, [...ofRuns, ...ofModels.values()], place);
  for (const { pack, rights } of bounded) {
    const models = modelIdsOf(pack).flatMap((modelId) => ofModels.get(modelId) ?? []);
    const unpermitted = [experimentIds.get(pack.runId) ?? "", ...models]
      .map((id) => names.get(id))
      .find((named) => named && !rights.mayWrite(named.name, named.workspace));
    if (unpermitted) faults.set(pack, heldFor(rights, unpermitted));
  }
  return faults;
}

async function experimentsOfModels(
  connection: Connection,
  packs: readonly Pack[],
  { shape }: Place,
): Promise<Map<string, string>> {
  const modelIds = shape.hasLoggedModels ? [...new Set(packs.flatMap(modelIdsOf))] : [];
  if (modelIds.length === 0) return new Map();
  const rows = await connection.rows(
    "SELECT model_id, experiment_id FROM logged_models WHERE model_id = ANY ($1)",
    [modelIds],
  );
  return new Map(rows.map(([modelId, experimentId]) => [modelId ?? "", experimentId ?? ""]));
}

async function namesOf(
  connection: Connection,
  ids: readonly string[],
  { shape }: Place,
): Promise<Map<string, Named>> {
  const workspace = shape.hasWorkspaces ? "workspace" : `'${DEFAULT_WORKSPACE}'`;
  const rows = await connection.rows(
    `SELECT experiment_id, name, ${workspace} FROM experiments WHERE experiment_id = ANY ($1::integer[])`,
    [[...new Set(ids)]],
  );
  return new Map(
    rows.map(([id, name, its]) => [id ?? "", { name: name ?? "", workspace: its ?? DEFAULT_WORKSPACE }]),
  );
}

function modelIdsOf({ metrics }: Pack): string[] {
  return metrics.modelIds.filter((modelId) => modelId !== "");
}

function heldFor({ tenant }: Rights, { name }: Named): Outcome {
  const shown = JSON.stringify(name.slice(0, 100));
  const reason = `The tenant ${tenant} may not write to the experiment ${shown}, which the run or its model is in.`;
  return { kind: "hold", scope: "run", code: "STEPWELL_NOT_PERMITTED", reason };
}
