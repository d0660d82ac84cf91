import type { KeyValue } from "../../model/pack.js";
import type { Refusal } from "../sink.js";
import type { Connection } from "./connection.js";
import { type Place, textFault } from "./place.js";

/** A param or a tag of a run. */
export interface TagRow extends KeyValue {
  readonly runId: string;
}

/** Those that the database can keep; the others go to `refused`. */
export function keptTexts(
  kind: "param" | "tag",
  texts: readonly KeyValue[],
  { shape }: Place,
  refused: Refusal[],
): KeyValue[] {
  return texts.filter(({ key, value }) => {
    const fault = textFault(shape, kind === "param" ? "params.value" : "tags.value", value);
    if (fault === undefined) return true;
    const what = kind === "param" ? "Param" : "Tag";
    const reason = `${what} ${JSON.stringify(key)} ${fault}.`;
    refused.push({ kind, key, value, code: "STEPWELL_ENTRY_REFUSED", reason });
    return false;
  });
}

/** Adds params; answers for each whether it is there now with this value: a value that was there before stays. */
export async function addParams(connection: Connection, params: readonly TagRow[]): Promise<boolean[]> {
  if (params.length === 0) return [];
  const columns = columnsOf(params);
  const added = await connection.rows(
    `INSERT INTO params (run_uuid, key, value)
     SELECT run_uuid, key, value FROM ${UNNEST} ORDER BY run_uuid, key, place
     ON CONFLICT DO NOTHING RETURNING run_uuid`,
    columns,
  );
  if (added.length === params.length) return params.map(() => true);
  const same = await connection.rows(
    `SELECT n.place FROM ${UNNEST} JOIN params p ON p.run_uuid = n.run_uuid AND p.key = n.key AND p.value = n.value`,
    columns,
  );
  const places = new Set(same.map(([place]) => Number(place)));
  return params.map((_, index) => places.has(index + 1));
}

/** Removes tags; one that is not there is left alone. The run keeps its name. */
export async function removeTags(
  connection: Connection,
  tags: readonly { readonly runId: string; readonly key: string }[],
): Promise<void> {
  if (tags.length === 0) return;
  const columns = [tags.map(({ runId }) => runId), tags.map(({ key }) => key)];
  const which = "(t.run_uuid, t.key) IN (SELECT * FROM unnest($1::text[], $2::text[]))";
  // In one order: a DELETE takes its rows in any.
  await connection.rows(
    `SELECT FROM tags t WHERE ${which} ORDER BY t.run_uuid, t.key FOR UPDATE OF t`,
    columns,
  );
  await connection.rows(`DELETE FROM tags t WHERE ${which}`, columns);
}

/** Sets tags; of several of one run and key the last stays. */
export async function setTags(connection: Connection, tags: readonly TagRow[]): Promise<void> {
  if (tags.length === 0) return;
  const last = new Map(tags.map((tag) => [`${tag.runId}\n${tag.key}`, tag]));
  await connection.rows(
    `INSERT INTO tags (run_uuid, key, value)
     SELECT run_uuid, key, value FROM ${UNNEST} ORDER BY run_uuid, key
     ON CONFLICT (key, run_uuid) DO UPDATE SET value = excluded.value`,
    columnsOf([...last.values()]),
  );
}

const UNNEST =
  "unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS n (run_uuid, key, value, place)";

function columnsOf(rows: readonly TagRow[]) {
  return [rows.map(({ runId }) => runId), rows.map(({ key }) => key), rows.map(({ value }) => value)];
}
