import type { RunEndNote } from "../home/end-note.js";
import type { BackendRuns } from "../runs/backend-runs.js";
import type { EndNotes } from "./end-notes.js";

type RunNotes = Pick<EndNotes<RunEndNote>, "find" | "before" | "remove">;

/** Notes of how runs ended, by our ids: a client that goes on with a run by a server's id leaves its note under that. */
export function byOwnIds(notes: RunNotes, ids: Pick<BackendRuns, "ownId" | "aliasesOf">): RunNotes {
  return {
    find: async (runId) => {
      for (const id of [runId, ...(await ids.aliasesOf(runId))]) {
        const note = await notes.find(id);
        if (note) return { ...note, runId };
      }
      return undefined;
    },
    before: async (timeMs) => {
      const found = await notes.before(timeMs);
      return await Promise.all(found.map(async (note) => ({ ...note, runId: await ids.ownId(note.runId) })));
    },
    remove: async (runId) => {
      for (const id of [runId, ...(await ids.aliasesOf(runId))]) await notes.remove(id);
    },
  };
}
