import { EXIT } from "../../errors/row.js";
import type { Context } from "../context.js";
import { withDaemon } from "../daemon/with-daemon.js";
import { visible } from "../output/people.js";

/** `experiment-tracker start-anew NAME`: a store that is gone is meant to be. */
export async function startAnew(context: Context, name: string): Promise<number> {
  return withDaemon(context, async ({ trackers, call }) => {
    const { place } = await call(trackers.startStoreAnew.bind(trackers), { tracker: name });
    context.stderr(`A new store will be made: ${visible(place)}.\n`);
    return EXIT.ok;
  });
}
