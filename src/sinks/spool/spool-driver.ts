import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { StepwellError } from "../../errors/stepwell-error.js";
import { faultCheck, type HomeCheck, okCheck } from "../../model/home-check.js";
import type { SpoolBackend } from "../../model/target.js";
import type { Driver } from "../driver.js";
import { openSpoolSink } from "./spool-sink.js";

/** A folder for bundles. Everybody on this machine can look at it; what is behind it nobody here can. */
export function spoolDriver(backend: SpoolBackend): Driver {
  const { folder, trackerId } = backend;
  return {
    open: ({ clock, log, incarnations, askAgain, runIds }) => {
      const ids = runIds(backend);
      return openSpoolSink({
        ...{ folder, clock, log, incarnations, tracker: { id: trackerId } },
        ownId: (runId) => ids.ownId(runId),
        onReceipts: () => askAgain(backend),
      });
    },
    check: async () => [await look("database", folder)],
    look: async (check) => await look(check, folder),
    server: undefined,
  };
}

async function look(check: string, folder: string): Promise<HomeCheck> {
  try {
    if (!(await stat(folder)).isDirectory()) throw new Error("it is no folder");
    await access(folder, constants.W_OK | constants.X_OK);
    return okCheck(check, `${folder}: bundles can be written there.`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const sentence = `No bundle can be written into ${folder}: ${why}.`;
    return faultCheck(check, "failed", new StepwellError("STEPWELL_BUNDLE_FILE", sentence));
  }
}
