import { StepwellError } from "../../errors/stepwell-error.js";
import { codePoints } from "../../model/entry-text.js";
import type { Pack } from "../../model/pack.js";
import type { Rights } from "../../model/rights.js";
import type { Shape } from "./shape.js";

/** What writing needs beside the packs. */
export interface Place {
  readonly shape: Shape;
  /** Where MLflow's server keeps artifacts, as its --default-artifact-root. */
  readonly artifactRoot: string;
  /** The wall clock's time. */
  readonly nowMs: number;
  /** What a pack's sender may do; undefined: all. */
  readonly rightsOf: RightsOf;
}

export type RightsOf = (pack: Pack) => Rights | undefined;

/** What is wrong with a text for a column; undefined where nothing is. PostgreSQL's texts hold no NUL. */
export function textFault({ charactersMax }: Shape, column: string, text: string): string | undefined {
  if (text.includes("\0")) return "holds the character NUL, which PostgreSQL does not keep";
  const most = charactersMax.get(column);
  // An UTF-16 unit is at most one code point: most texts need not be counted.
  if (most === undefined || text.length <= most || codePoints(text) <= most) return undefined;
  return `is longer than the ${most} characters that the database keeps`;
}

/** MLflow's path below a URI: what comes behind "?" or "#" stays behind. */
export function appendToUri(uri: string, ...parts: readonly string[]): string {
  const [, path = "", rest = ""] = /^([^?#]*)(.*)$/s.exec(uri) ?? [];
  return [path.replace(/\/+$/, ""), ...parts].join("/") + rest;
}

export function deletedFault(runId: string, how: string): StepwellError {
  return new StepwellError("STEPWELL_RUN_DELETED", `Run ${runId} was ${how}.`);
}
