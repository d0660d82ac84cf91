import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";

/** A folder of its own for a test, removed when the test is over. */
export async function scratchFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "stepwell-test-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Bytes of all files below a folder. */
export async function diskBytes(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  // A file that goes meanwhile takes no room.
  const sizes = await Promise.all(
    names.map((name) =>
      stat(`${folder}/${name}`).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
