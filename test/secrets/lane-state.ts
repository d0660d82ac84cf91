import type { ScratchHome } from "../support/home.js";
import { until } from "../support/until.js";

/** Resolves when one of the home's lanes is in this state, written as "state: last error". */
export async function laneIs(home: ScratchHome, wanted: RegExp): Promise<void> {
  const said = async () => {
    const { lanes } = (await home.json(["status"])) as { lanes: { state: string; last_error: string }[] };
    return lanes.map(({ state, last_error }) => `${state}: ${last_error}`);
  };
  await until(`a lane is ${wanted}`, said, (lanes) => lanes.some((lane) => wanted.test(lane)));
}
