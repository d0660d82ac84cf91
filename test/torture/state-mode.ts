import { join } from "node:path";
import { KEYCHAIN_VARIABLE } from "./kill-point-names.js";
import { Stage } from "./stage.js";
import { killDuringStateChanges, type StateReport } from "./state-changes.js";

/** Kills the daemon so many times during changes of components, stacks and secrets; `log` hears of the progress. */
export async function tortureState(
  folder: string,
  kills: number,
  seed: number,
  log: (line: string) => void,
): Promise<StateReport> {
  const stage = new Stage(folder);
  const environment = { [KEYCHAIN_VARIABLE]: join(folder, "keychain") };
  return await killDuringStateChanges({
    kills,
    seed,
    start: async () => {
      const life = await stage.startDaemon(environment);
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
