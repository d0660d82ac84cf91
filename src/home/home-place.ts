/** Where a home lies: what tells it from a copy of itself, whatever either remembers. */
import { statSync } from "node:fs";

export interface HomePlace {
  readonly path: string;
  readonly device: string;
  readonly inode: string;
}

/** Where the home is now. Throws what the system says. */
export function placeOf(home: string): HomePlace {
  const { dev, ino } = statSync(home, { bigint: true });
  return { path: home, device: String(dev), inode: String(ino) };
}

/**
 * Whether it is one folder. A copy beside its original has another inode. On another volume it may have the
 * same one by chance; its path and its device are others then. A folder that is renamed keeps both numbers, and
 * a device may have another number after each boot.
 */
export function isSamePlace(one: HomePlace, other: HomePlace): boolean {
  return one.inode === other.inode && (one.path === other.path || one.device === other.device);
}
