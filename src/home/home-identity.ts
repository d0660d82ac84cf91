/** Whether a daemon is a home's own. A copied home has the endpoint file of the home that it was copied from. */

import { realpathSync } from "node:fs";
import { rm } from "node:fs/promises";
import { isId } from "../model/id.js";
import type { HomePaths } from "./endpoint.js";
import { readPlainSync } from "./plain-file.js";
import { replaceFile } from "./replace-file.js";

/** What a daemon says of the home that it serves. */
export interface ServedHome {
  readonly home: string;
  /** 32 hexadecimal digits. */
  readonly homeId: string;
}

/** Whether it serves this very folder, and the home that lies in it now: the folder may have got another's files. */
export function isOf(paths: HomePaths, { home, homeId }: ServedHome): boolean {
  return isSameFolder(home, paths.home) && [undefined, homeId].includes(keptId(paths));
}

/**
 * Keeps the id beside the state store. On a disk without room no id stays, which is better than an
 * earlier one, and clients would take the home's own daemon for another's; the next start does it.
 */
export async function keepHomeId({ homeIdFile }: HomePaths, homeId: string): Promise<void> {
  await replaceFile(homeIdFile, `${homeId}\n`).catch(() => rm(homeIdFile, { force: true }));
}

/** Whether two paths lead to one folder. */
export function isSameFolder(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    // One of them is gone.
    return one === other;
  }
}

/** The id that the home keeps; undefined where none is kept yet, as on a disk that was full at the first start. */
function keptId({ homeIdFile }: HomePaths): string | undefined {
  try {
    const id = readPlainSync(homeIdFile).trim();
    return isId(id) ? id : undefined;
  } catch {
    return undefined;
  }
}
