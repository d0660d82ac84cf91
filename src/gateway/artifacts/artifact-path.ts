/** Paths of artifacts as MLflow's server takes them: below a folder, and never out of it. */
import { posix } from "node:path";
import { invalid, RequestFault } from "../requests/request-fault.js";

/** As often as MLflow's server looks for escapes in what escapes stood for. */
const DECODED_MAX = 10;

/** A path as it was sent, decoded. Throws for one that leads out of its folder, or that the server refuses for another reason. */
export function readArtifactPath(sent: string): string {
  let path = sent;
  for (let count = 0; count < DECODED_MAX; count++) {
    const decoded = decode(path);
    if (decoded === path) break;
    path = decoded;
  }
  // What a terminal would act on stands in a name as it is escaped.
  path = Array.from(path, escapeControl).join("");
  const isAbsolute = /^(?:\/|file:|[A-Za-z]:[\\/]|\\\\)/.test(path);
  if (isAbsolute || path.includes("#") || path.split("/").includes("..")) throw invalid("Invalid path");
  return path;
}

/** The path as the server's router hands it on: without a newline at its end; undefined where it finds none, for one in its midst. */
export function routedPath(sent: string): string | undefined {
  const path = sent.replace(/%0a$/i, "");
  return /%0a/i.test(path) ? undefined : path;
}

/** What the server answers where its router finds nothing. */
export const NOT_ROUTED = { detail: "Not Found" } as const;

/** Throws for a folder's path that is another one's when it is shortened. */
export function checkFolder(path: string): void {
  const short = posix.normalize(path).replace(/(.)\/$/, "$1");
  if (short === path && short !== ".") return;
  throw new RequestFault(
    "INTERNAL_ERROR",
    `Invalid artifact path: '${path}'. Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to '${short}'`,
  );
}

function escapeControl(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x20 || code === 0x7f ? `%${code.toString(16).padStart(2, "0")}` : character;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Nothing has such a name but what is called so.
    return text;
  }
}
