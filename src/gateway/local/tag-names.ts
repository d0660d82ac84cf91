/** Names of tags, as MLflow checks them before it looks at their length. */
import { posix } from "node:path";
import { dumpJson, quote } from "../requests/python.js";
import { invalid } from "../requests/request-fault.js";

/** Python's `\w` takes letters and digits of any script, and its `$` a newline at the end. */
const ALLOWED = /^[/\p{L}\p{N}_.\- :]*\n?$/u;

/** Throws for a name that MLflow does not take. */
export function checkTagName(name: string): void {
  if (!ALLOWED.test(name))
    throw badName(
      name,
      "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).",
    );
  const meant = normalize(name);
  if (meant !== name || meant === "." || meant.startsWith("..") || meant.startsWith("/"))
    throw badName(
      name,
      `Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to ${quote(meant)}`,
    );
}

/** Python's normpath: unlike Node's it keeps no slash at the end, and two of them at the beginning. */
function normalize(path: string): string {
  const meant = posix.normalize(path);
  const bare = meant.length > 1 ? meant.replace(/\/$/, "") : meant;
  return /^\/\/(?!\/)/.test(path) ? `/${bare}` : bare;
}

function badName(name: string, why: string) {
  return invalid(`Invalid value ${dumpJson(name)} for parameter 'key' supplied: ${why}`);
}
