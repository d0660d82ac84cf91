/** Names and lengths as MLflow checks them, with its own sentences (MLflow 3.17.2, utils/validation.py). */
import { posix } from "node:path";
import { codePoints, keyFault } from "../../model/entry-text.js";
import { KEY_CODE_POINTS_MAX } from "../../model/limits.js";
import { dumpJson, lengthOf } from "./python.js";
import { invalid } from "./request-fault.js";

/** Python's `\w` takes letters and digits of any script. */
const ALLOWED = /^[/\p{L}\p{N}_.\- :]*$/u;
const CHARACTERS =
  "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).";

/** Throws for a key that MLflow does not take. `path` names it; `what` does where its length is spoken of. */
export function checkKey(key: string, path: string, what: string): void {
  if (keyFault(key) === undefined) return;
  const shown = dumpJson(key);
  if (!key.isWellFormed() || !ALLOWED.test(key))
    throw invalid(`Invalid value ${shown} for parameter '${path}' supplied: ${CHARACTERS}`);
  if (codePoints(key) > KEY_CODE_POINTS_MAX) throw tooLong(what, KEY_CODE_POINTS_MAX);
  const meant = posix.normalize(key).replace(/(.)\/$/, "$1");
  throw invalid(
    `Invalid value ${shown} for parameter '${path}' supplied: Names may be treated as files in certain cases, and ` +
      `must not resolve to other names when treated as such. This name would resolve to '${meant}'`,
  );
}

/** Throws for a text of more characters than MLflow takes. */
export function checkLength(what: string, charactersMax: number, value: string): void {
  if (lengthOf(value) > charactersMax) throw tooLong(what, charactersMax);
}

/** MLflow's sentence for a text that is too long. */
function tooLong(what: string, charactersMax: number) {
  return invalid(`'${what}' exceeds the maximum length of ${charactersMax} characters`);
}

/** The text, or as much of it as MLflow keeps: it cuts values of params and tags instead of refusing them. */
export function cutValue(value: string, path: string, charactersMax: number): string {
  // Its server would keep an empty text for it, and say that all is well.
  if (!value.isWellFormed())
    throw invalid(`The value of parameter '${path}' holds a lone surrogate, which is no text.`);
  if (value.length <= charactersMax || codePoints(value) <= charactersMax) return value;
  return Array.from(value).slice(0, charactersMax).join("");
}
