/**
 * What a daemon sees of its home from outside, and what follows from it. Files of a home are removed
 * by people and by programs that clean up; the home itself is removed, moved, or on a volume that is
 * away for a moment. A daemon that nobody can reach any more is put right, or ends.
 */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { isCode } from "../errors/system-code.js";
import type { HomePaths } from "./endpoint.js";

/** Which file a path leads to: an identity, nothing, or nobody knows, as on a disk that fails. */
export type Place = `${bigint}:${bigint}` | "nothing" | "unknown";

/** Where the parts lead that others find the daemon by, and that keep them out of its home. */
export interface HomeSight {
  readonly home: Place;
  /** LevelDB's lock on the state store. */
  readonly lock: Place;
  readonly endpointFile: Place;
  readonly socket: Place;
}

/** What has become of the home since the daemon began to serve. */
export type HomeChange =
  | { readonly kind: "none" }
  /** The daemon has its home, and others can't find it. */
  | { readonly kind: "unreachable"; readonly parts: readonly ("endpoint file" | "socket")[] }
  /** At its path is nothing, or another folder. */
  | { readonly kind: "gone" }
  /** The file is gone that kept a second daemon out. */
  | { readonly kind: "unlocked" };

/** Looks at all of them. Never throws. */
export async function lookAtHome(paths: HomePaths, socketPath: string): Promise<HomeSight> {
  const [home, lock, endpointFile, socket] = await Promise.all(
    [paths.home, join(paths.stateFolder, "LOCK"), paths.endpointFile, socketPath].map(placeOf),
  );
  return {
    home: home ?? "unknown",
    lock: lock ?? "unknown",
    endpointFile: endpointFile ?? "unknown",
    socket: socket ?? "unknown",
  };
}

/** Compares two looks; what could not be looked at has not changed. `isLocked`: the folder itself is locked. */
export function changeOf(before: HomeSight, now: HomeSight, isLocked: boolean): HomeChange {
  const isOther = (part: keyof HomeSight) => now[part] !== before[part] && now[part] !== "unknown";
  if (isOther("home")) return { kind: "gone" };
  if (!isLocked && isOther("lock")) return { kind: "unlocked" };
  // Either may have gone before the first of the two looks.
  const isGone = (part: keyof HomeSight) => now[part] === "nothing" || isOther(part);
  const parts = [
    ...(isGone("endpointFile") ? (["endpoint file"] as const) : []),
    ...(isGone("socket") ? (["socket"] as const) : []),
  ];
  return parts.length === 0 ? { kind: "none" } : { kind: "unreachable", parts };
}

/** What tells a file from all others of the machine. */
export function identityOf({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): Place {
  return `${dev}:${ino}`;
}

async function placeOf(path: string): Promise<Place> {
  try {
    return identityOf(await stat(path, { bigint: true }));
  } catch (error) {
    return isCode(error, "ENOENT", "ENOTDIR") ? "nothing" : "unknown";
  }
}
