/**
 * A sink whose backend is a folder on a file system that several machines see. Each request becomes a bundle
 * there, which `stepwell bundle import --watch` delivers where there is a route; a receipt beside it says what
 * the real backend has. A pack without its receipt is tried again, and the bundle that it is in stays.
 *
 * Nothing here has to survive a kill: what was written is in the folder, and a pack that is written once more is
 * exact at the importer, by its cursor.
 */
import { toStepwellError } from "../../errors/stepwell-error.js";
import { SPOOL_LOOK_MS, SPOOLED_POINTS_MAX, SPOOLED_TEXTS_MAX } from "../../model/bundle-limits.js";
import type { Clock } from "../../model/clock.js";
import type { Log } from "../../model/log.js";
import type { Pack } from "../../model/pack.js";
import { Turns } from "../../model/turns.js";
import type { RunIds } from "../run-ids.js";
import type { CursorKeeper, Outcome, Sink, SinkLimits } from "../sink.js";
import { SpoolFolder } from "./spool-folder.js";

/** Which folder, and what the sink needs of the daemon. */
export interface SpoolSinkOptions {
  readonly folder: string;
  readonly tracker: { readonly id: string };
  readonly clock: Clock;
  readonly log: Log;
  /** The names of the starts of the home's daemon, this one last. */
  readonly incarnations: () => readonly string[];
  /** Our id of a run, by that or by one that a server gave it. */
  readonly ownId: RunIds["ownId"];
  /** Receipts have come: lanes ask at once. */
  readonly onReceipts: () => void;
}

const LIMITS: SinkLimits = {
  pointsMax: SPOOLED_POINTS_MAX,
  textsMax: SPOOLED_TEXTS_MAX,
  packsMax: 1_000,
  requestsMax: 1,
};

export function openSpoolSink(options: SpoolSinkOptions): Sink {
  return new SpoolSink(options);
}

class SpoolSink implements Sink {
  readonly limits = LIMITS;
  /** The cursors are the real backend's, and receipts tell of them: what was left is as it was left. */
  readonly cursors: CursorKeeper = {
    look: async () => ({ kind: "as left" }),
    standing: async (questions) =>
      questions.map(({ author, after }) => ({
        homeId: after?.homeId ?? author.homeId,
        cursor: after && { seq: after.seq, points: 0, bytes: undefined, incarnation: after.incarnation },
        isAssumed: true,
      })),
  };
  readonly #options: SpoolSinkOptions;
  readonly #folders = new Map<string, SpoolFolder>();
  readonly #turns = new Turns();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: SpoolSinkOptions) {
    this.#options = options;
  }

  async send(packs: readonly Pack[]): Promise<Outcome[]> {
    return await this.#turns.take(async () => {
      try {
        const homeId = packs[0]?.author.homeId ?? "";
        // The home has taken another id meanwhile: lanes are read anew.
        if (packs.some(({ author }) => author.homeId !== homeId)) throw new Error("packs of two homes");
        const folder = await this.#folderOf(homeId);
        await folder.takeReceipts();
        const outcomes = packs.map((pack) => folder.outcomeOf(pack));
        const fresh = packs.filter((_, index) => outcomes[index] === "new");
        const waits = fresh.length > 0 ? await folder.write(fresh) : undefined;
        return outcomes.map((outcome) => (outcome === "new" ? (waits as Outcome) : outcome));
      } catch (error) {
        const { code, message: reason } = toStepwellError(error);
        return packs.map(() => ({ kind: "retry", scope: "backend", code, reason }) as const);
      } finally {
        this.#watch();
      }
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#turns.idle();
  }

  async #folderOf(homeId: string): Promise<SpoolFolder> {
    const known = this.#folders.get(homeId);
    if (known) return known;
    const { folder, tracker, clock, log, incarnations, ownId } = this.#options;
    const opened = await SpoolFolder.open({
      ...{ folder, clock, log, incarnations, ownId, homeId, trackerId: tracker.id },
    });
    this.#folders.set(homeId, opened);
    return opened;
  }

  /** Looks for receipts while bundles wait: lanes would ask half a minute later. */
  #watch(): void {
    clearTimeout(this.#timer);
    if (this.#isClosed || ![...this.#folders.values()].some(({ isWaiting }) => isWaiting)) return;
    this.#timer = setTimeout(() => void this.#turns.take(() => this.#look()), SPOOL_LOOK_MS).unref();
  }

  async #look(): Promise<void> {
    try {
      let found = false;
      for (const folder of this.#folders.values()) if (await folder.takeReceipts()) found = true;
      if (found && !this.#isClosed) this.#options.onReceipts();
    } catch {
      // The next request meets the same, and says so.
    } finally {
      this.#watch();
    }
  }
}
