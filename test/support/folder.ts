import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";

/** A folder of its own for a test, removed when the test is over. */
export async function scratchFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "stepwell-test-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
