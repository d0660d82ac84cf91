/** Experiments as they stand in the file, as MLflow's answers have them. */
import { shownLocation } from "./artifact-location.js";
import { type Cell, groupBy, isTrue, places, toInteger, toText, whole } from "./cells.js";
import type { LocalDatabase } from "./database.js";
import type { Printed } from "./printed-json.js";

type Fields = Record<string, Printed | undefined>;

const CHUNK = 10_000;

/** The experiments of these ids, in their order. */
export function loadExperiments(database: LocalDatabase, ids: readonly Cell[]): Fields[] {
  const experiments: Fields[] = [];
  for (let begin = 0; begin < ids.length; begin += CHUNK)
    experiments.push(...loadChunk(database, ids.slice(begin, begin + CHUNK)));
  return experiments;
}

function loadChunk(database: LocalDatabase, ids: readonly Cell[]): Fields[] {
  const these = places(ids);
  const rows = database.rows(
    `SELECT experiment_id, ${whole("name")}, artifact_location, lifecycle_stage, creation_time, last_update_time, workspace FROM experiments WHERE experiment_id IN (${these})`,
    ids,
  );
  const tags = groupBy(
    database.rows(
      `SELECT experiment_id, "key", ${whole("value")} FROM experiment_tags WHERE experiment_id IN (${these})`,
      ids,
    ),
    0,
  );
  const found = new Map(rows.map((row) => [String(row[0]), row]));
  return ids.flatMap((id) => {
    const row = found.get(String(id));
    return row ? [experimentOf(database, row, tags.get(String(id)) ?? [])] : [];
  });
}

function experimentOf({ place }: LocalDatabase, row: readonly Cell[], tags: readonly Cell[][]): Fields {
  const [id, name, location, stage, created, updated, workspace] = row;
  return {
    experiment_id: toText(id),
    name: toText(name),
    artifact_location: shownLocation(place, toText(location)),
    lifecycle_stage: toText(stage),
    last_update_time: isTrue(updated) ? toInteger(updated) : undefined,
    creation_time: isTrue(created) ? toInteger(created) : undefined,
    tags: tags.map(([, key, value]) => ({ key: toText(key), value: toText(value) })),
    workspace: toText(workspace),
  };
}
