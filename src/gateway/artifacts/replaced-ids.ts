/**
 * Ids that the daemon gave out, in a file that says what a model is (`MLmodel`): whoever loads the model from its server
 * goes on with the id that it reads there. The file flows by, byte by byte as it is but for the ids.
 */
import type { Readable } from "node:stream";
import { ID_CHARACTERS_MAX, IDS } from "../ids-there.js";

/** Whether an artifact is such a file, by its path. */
export function saysModel(path: string): boolean {
  return /(?:^|\/)MLmodel$/.test(path);
}

/** How often each id stands in a file. */
export async function countIds(file: Readable): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const count = (id: string) => {
    counts.set(id, (counts.get(id) ?? 0) + 1);
    return id;
  };
  for await (const _ of replaceIds(file, count));
  return counts;
}

/** A file with other ids. */
export async function* replaceIds(file: Readable, other: (id: string) => string): AsyncGenerator<Buffer> {
  const ids = new RegExp(IDS);
  // What was seen and not handed on yet, behind the one character that was.
  let text = "";
  let from = 0;
  const replaced = (limit: number): Buffer => {
    let said = "";
    let at = from;
    ids.lastIndex = from;
    for (let found = ids.exec(text); found && found.index < limit; found = ids.exec(text)) {
      said += text.slice(at, found.index) + other(found[0]);
      at = found.index + found[0].length;
    }
    const end = Math.max(at, limit);
    said += text.slice(at, end);
    from = Math.min(1, end);
    text = text.slice(end - from);
    return Buffer.from(said, "latin1");
  };
  for await (const chunk of file as AsyncIterable<Buffer>) {
    text += chunk.toString("latin1");
    // An id that begins before that is here whole, with the character behind it.
    const limit = text.length - ID_CHARACTERS_MAX;
    if (limit > from) yield replaced(limit);
  }
  yield replaced(text.length);
}
