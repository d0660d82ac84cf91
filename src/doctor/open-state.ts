/**
 * Opens the state store, whatever became of it: of one that is damaged what can be read is brought back,
 * and that is told until somebody has seen it.
 */
import { basename } from "node:path";
import { StepwellError, toStepwellError } from "../errors/stepwell-error.js";
import type { HomePaths } from "../home/endpoint.js";
import { keepHomeId } from "../home/home-identity.js";
import { readPlain } from "../home/plain-file.js";
import type { Clock } from "../model/clock.js";
import { counted } from "../model/counted.js";
import { isId, newId } from "../model/id.js";
import { raiseRunNumbers } from "../runs/run-sums.js";
import { addSalvageNote, salvageNotes } from "../runs/salvage-notes.js";
import { mendSecrets } from "../secrets/secret-mend.js";
import { mendStacks } from "../stacks/stack-mend.js";
import type { Store } from "../store/contract.js";
import { homeIdOf } from "../store/migrations.js";
import { salvageStore } from "../store/salvage-store.js";
import { openStore } from "../store/store.js";

/** Whose store it is, and how it is opened. */
export interface StateOptions {
  readonly paths: HomePaths;
  readonly clock: Clock;
  /** Throws STEPWELL_STORE_DAMAGED for a store that has to be salvaged. */
  readonly open: (folder: string) => Promise<Store>;
}

/** Throws as `openStore` does, but not for damage that leaves something to read. */
export async function openState(options: StateOptions): Promise<Store> {
  const { paths, open } = options;
  const store = await open(paths.stateFolder).catch(async (error: unknown) => {
    const fault = toStepwellError(error);
    if (fault.code !== "STEPWELL_STORE_DAMAGED") throw error;
    await salvage(options, fault.message);
    return await openStore(paths.stateFolder);
  });
  const homeId = await homeIdOf(store);
  if ((await keptHomeId(paths)) !== homeId) await keepHomeId(paths, homeId);
  return store;
}

/** What salvages did that nobody took note of yet; undefined when there were none. */
export async function salvageFault(store: Store): Promise<StepwellError | undefined> {
  const notes = await salvageNotes(store);
  if (notes.length === 0) return undefined;
  const sentences = notes.map(({ salvagedMs, reason, keptIn, rows, unreadable }) => {
    const places = counted(unreadable, "write, block or file", "writes, blocks or files");
    const lost = unreadable === 0 ? "" : `; ${places} can't be read`;
    const when = new Date(salvagedMs).toISOString();
    return `${reason} On ${when} ${counted(rows, "row of it was", "rows of it were")} read back${lost}. It is kept in ${keptIn}.`;
  });
  return new StepwellError("STEPWELL_STORE_DAMAGED", sentences.join(" "));
}

async function salvage({ paths, clock }: StateOptions, reason: string): Promise<void> {
  await salvageStore(paths.stateFolder, await keptHomeId(paths), async (store, { keptIn, ...counts }) => {
    await raiseRunNumbers(store);
    await mendStacks(store, () => ({ id: newId(), createdMs: clock.nowMs() }));
    await mendSecrets(store);
    const note = { salvagedMs: clock.nowMs(), reason, keptIn: basename(keptIn), ...counts };
    await addSalvageNote(store, note);
  });
}

/** Keychain items and cursors in backends go by the home's id: it is kept where no damage to the store reaches it. */
async function keptHomeId({ homeIdFile }: HomePaths): Promise<string | undefined> {
  const text = await readPlain(homeIdFile).catch(() => "");
  const id = text.toString().trim();
  return isId(id) ? id : undefined;
}
