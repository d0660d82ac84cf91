/** A home that is filled once: whoever begins with it finds it as it was filled. */
import { cpSync, lstatSync, mkdtempSync, rmSync } from "node:fs";
import type { ExecutionContext, TestFn } from "ava";
import { type ScratchHome, scratchHome } from "./home.js";

/** Keeps a copy of a home whose daemon is gone; what it answers with puts the home back to it. */
export function keepWhole(t: Pick<ExecutionContext, "teardown">, { paths }: ScratchHome): () => void {
  const whole = mkdtempSync(`${paths.home}-whole-`);
  // A killed daemon leaves its socket, which can't be copied.
  cpSync(paths.home, whole, { recursive: true, filter: (path) => !lstatSync(path).isSocket() });
  t.teardown(() => rmSync(whole, { recursive: true, force: true }));
  return () => {
    rmSync(paths.home, { recursive: true });
    cpSync(whole, paths.home, { recursive: true });
  };
}

/** What was filled, with what puts the home back to that once more. */
export type Kept<Filled> = Filled & { readonly putBack: () => void };

/**
 * Fills a home before the first test of a file, whose tests go one after the other. Each of them gets it as it was
 * filled, at the same place. `fill` leaves no daemon, and no test does.
 */
export function keptHome<Filled extends { readonly home: ScratchHome }>(
  test: TestFn,
  fill: (t: ExecutionContext, home: ScratchHome) => Promise<Filled>,
): (t: ExecutionContext) => Kept<Filled> {
  let kept: Kept<Filled> | undefined;
  const teardowns: (() => unknown)[] = [];
  const late = { teardown: (work: () => unknown) => void teardowns.push(work) };
  test.before(async (t) => {
    const filled = await fill(t, await scratchHome(late));
    kept = { ...filled, putBack: keepWhole(late, filled.home) };
  });
  test.after.always(async () => {
    for (const work of teardowns) await work();
  });
  return (t) => {
    if (!kept) throw new Error("the home is filled before the first test");
    const { home, putBack } = kept;
    t.teardown(() => home.here(["daemon", "stop", "--timeout=0"]));
    putBack();
    return kept;
  };
}
