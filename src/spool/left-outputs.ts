/**
 * What programs of `stepwell run` wrote, where the command itself was killed: it becomes an artifact of the run, as the command
 * would have made it. Whatever can't be kept is tried again for a day; then it goes.
 */
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { LEFT_OUTPUT_NAME, type LeftHead, type LeftOutput, readLeftOutput } from "../home/left-output.js";
import { removeDrafts } from "../home/replace-file.js";
import { FolderNames } from "../leases/folder-names.js";
import type { HeldLease, LeaseKeeper } from "../leases/lease-watch.js";
import type { Clock } from "../model/clock.js";
import type { Log } from "../model/log.js";

const OUTPUTS_KNOWN_MAX = 1_000;
const RETRY_MS = 60_000;
const KEPT_MS = 24 * 60 * 60 * 1_000;

export interface LeftOutputsOptions {
  readonly folder: string;
  /** Makes the run's artifact. Rejects where that is in vain. */
  readonly keep: (output: LeftOutput) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

export class LeftOutputs implements LeaseKeeper {
  readonly #options: LeftOutputsOptions;
  /** Whose they are; undefined: a file that is no such output. */
  readonly #heads = new Map<string, LeftHead | undefined>();
  readonly #triedMs = new Map<string, number>();
  readonly #names: FolderNames;
  #keeping: Promise<void> | undefined;

  constructor(options: LeftOutputsOptions) {
    this.#options = options;
    const isWanted = (name: string) => LEFT_OUTPUT_NAME.test(name);
    this.#names = new FolderNames(options.folder, isWanted, options.clock, OUTPUTS_KNOWN_MAX);
  }

  /** Looks which there are. */
  async resume(): Promise<void> {
    const names = await this.#names.look();
    for (const name of [...this.#heads.keys()]) if (!names.has(name)) this.#forget(name);
    for (const name of names) {
      if (this.#heads.has(name)) continue;
      const left = await readLeftOutput(join(this.#options.folder, name)).catch(() => undefined);
      this.#heads.set(name, left?.head);
    }
  }

  *held(): Iterable<HeldLease> {
    for (const [name, head] of this.#heads)
      if (head) yield { process: head.process, lose: async () => this.#lose(name) };
  }

  /** It goes on writing. */
  async regain(): Promise<void> {}

  /** One at a time, beside all else: a server may be slow. */
  #lose(name: string): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#keeping || nowMs - (this.#triedMs.get(name) ?? -RETRY_MS) < RETRY_MS) return;
    this.#triedMs.set(name, nowMs);
    this.#keeping = this.#keep(name).finally(() => {
      this.#keeping = undefined;
    });
  }

  async #keep(name: string): Promise<void> {
    const { folder, keep, log } = this.#options;
    const path = join(folder, name);
    const [, whole = name] = LEFT_OUTPUT_NAME.exec(name) ?? [];
    try {
      // A command that was killed while it wrote for the first time has left no whole one.
      const isOutdone = whole !== name && (await stat(join(folder, whole)).catch(() => undefined));
      const left = isOutdone ? undefined : await readLeftOutput(path);
      if (left) await keep(left);
      await this.#remove(name);
      if (left)
        log("info", "what a program wrote is kept for its command, which was killed", {
          runId: left.head.runId,
        });
    } catch (error) {
      log("warn", "what a program wrote can't be kept now", { file: name, reason: String(error) });
      if (await this.#isOld(path)) await this.#remove(name).catch(() => undefined);
    }
  }

  async #remove(name: string): Promise<void> {
    const path = join(this.#options.folder, name);
    await rm(path, { force: true });
    await removeDrafts(path);
    this.#forget(name);
  }

  async #isOld(path: string): Promise<boolean> {
    const written = await stat(path).catch(() => undefined);
    return written === undefined || this.#options.clock.nowMs() - written.mtimeMs > KEPT_MS;
  }

  #forget(name: string): void {
    this.#heads.delete(name);
    this.#triedMs.delete(name);
  }
}
