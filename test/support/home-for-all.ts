import type { TestFn } from "ava";
import { type ScratchHome, scratchHome } from "./home.js";

/**
 * One home, and so one daemon, for the tests of a file that only read. It is prepared before the first of them
 * and is gone after the last.
 */
export function homeForAll(
  test: TestFn,
  prepare: (home: ScratchHome) => Promise<unknown>,
  name?: string,
): () => ScratchHome {
  let home: ScratchHome | undefined;
  const teardowns: (() => unknown)[] = [];
  test.before(async () => {
    home = await scratchHome({ teardown: (work) => void teardowns.push(work) }, name);
    await prepare(home);
  });
  test.after.always(async () => {
    for (const work of teardowns) await work();
  });
  return () => {
    if (!home) throw new Error("the home is made before the first test");
    return home;
  };
}
