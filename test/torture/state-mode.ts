import { Stage } from "./stage.js";
import { killDuringStateChanges } from "./state-changes.js";

/** Kills the daemon so many times during changes of components and stacks, and prints what became of it. */
export async function tortureState(
  folder: string,
  kills: number,
  seed: number,
  log: (line: string) => void,
): Promise<unknown> {
  const stage = new Stage(folder);
  return await killDuringStateChanges({
    kills,
    seed,
    start: async () => {
      const life = await stage.startDaemon();
      const endpoint = { endpoint: `unix:${stage.paths.socketPath}` };
      const end = async () => {
        life.kill();
        await life.ended;
      };
      return { endpoint, end };
    },
    log,
  });
}
