import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";

/** Makes a folder unless it is there. It appears when `fill` has returned: what is broken off is no folder. */
export function wholeFolder(folder, fill) {
  if (existsSync(folder)) return;
  const draft = `${folder}.${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  try {
    fill(draft);
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another was quicker.
    if (!existsSync(folder)) throw error;
  }
}
