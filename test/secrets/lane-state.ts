import type { ScratchHome } from "../support/home.js";

/** Resolves when one of the home's lanes is in this state, written as "state: last error". Throws after 60 s. */
export async function laneIs(home: ScratchHome, wanted: RegExp): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const { lanes } = (await home.json(["status"])) as { lanes: { state: string; last_error: string }[] };
    const said = lanes.map(({ state, last_error }) => `${state}: ${last_error}`);
    if (said.some((lane) => wanted.test(lane))) return;
    if (performance.now() > deadline) throw new Error(`the lanes are ${JSON.stringify(said)}, not ${wanted}`);
  }
}
