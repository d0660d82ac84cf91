/** What runs have, key by key. Pure. */
import type { GetRunDataResponse } from "../../gen/stepwell/v1/runs.js";
import { IN_ALPHABET } from "../parts/words.js";

export interface DiffRow {
  readonly kind: "param" | "metric" | "tag";
  readonly key: string;
  /** One for each run; undefined where it has none. */
  readonly values: readonly (string | undefined)[];
  readonly isDifferent: boolean;
}

/** Tags that MLflow and Stepwell set for themselves say nothing of what was tried. */
const OWN_TAG = /^(mlflow|stepwell)\./;

export function diffRows(runs: readonly GetRunDataResponse[]): DiffRow[] {
  return [
    ...rowsOf(
      "param",
      runs.map(({ params }) => new Map(params.map(({ key, value }) => [key, value]))),
    ),
    ...rowsOf(
      "metric",
      runs.map(({ metrics }) => new Map(metrics.map(({ key, value }) => [key, String(value)]))),
    ),
    ...rowsOf(
      "tag",
      runs.map(
        ({ tags }) =>
          new Map(tags.filter(({ key }) => !OWN_TAG.test(key)).map(({ key, value }) => [key, value])),
      ),
    ),
  ];
}

function rowsOf(kind: DiffRow["kind"], runs: readonly ReadonlyMap<string, string>[]): DiffRow[] {
  const keys = [...new Set(runs.flatMap((run) => [...run.keys()]))].sort(IN_ALPHABET.compare);
  return keys.map((key) => {
    const values = runs.map((run) => run.get(key));
    return { kind, key, values, isDifferent: new Set(values).size > 1 };
  });
}
