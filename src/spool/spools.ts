/**
 * The spools in the home: each is its process's for as long as that lives. When the process is gone the daemon
 * takes over what it left, before it says of any run how it ended.
 */
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isCode } from "../errors/system-code.js";
import { processOf } from "../ingest/process-of.js";
import { FolderNames } from "../leases/folder-names.js";
import type { HeldLease, LeaseKeeper } from "../leases/lease-watch.js";
import type { Clock } from "../model/clock.js";
import type { Log } from "../model/log.js";
import { type ProcessId, processKey } from "../model/process.js";
import type { Machine } from "../runs/lease.js";
import type { SpoolHead } from "./format.js";
import { SpoolFile } from "./spool-file.js";
import { type Takeover, type TakeoverOptions, takeOver } from "./takeover.js";

/** How a spool's file is named: by its producer. */
const NAME = /^[0-9a-f]{32}\.spool$/;
/** Each process that lives has one, and those of the gone ones must be found among them. */
const SPOOLS_KNOWN_MAX = 20_000;
/** A file that is no spool may be one whose client has not written its head yet. */
const HEAD_MS = 60_000;
/** So many of those are looked at again in a look: anything may lie in the folder. */
const STRANGERS_A_LOOK = 100;
/** How long one is kept whose process can't be looked at: it may be back after it was taken for gone. */
const KEPT_MS = 24 * 60 * 60 * 1_000;

export interface SpoolsOptions extends TakeoverOptions {
  readonly folder: string;
  readonly machine: Machine;
  readonly clock: Clock;
  readonly log: Log;
}

export class Spools implements LeaseKeeper {
  readonly #options: SpoolsOptions;
  /** Whose they are. */
  readonly #owners = new Map<string, ProcessId>();
  /** Files that are no spools, by when they were seen first, of the monotonic clock. */
  readonly #strangeMs = new Map<string, number>();
  /** Those that were taken over and stay, by when they were written to last. */
  readonly #taken = new Map<string, number>();

  readonly #names: FolderNames;

  constructor(options: SpoolsOptions) {
    this.#options = options;
    this.#names = new FolderNames(options.folder, (name) => NAME.test(name), options.clock, SPOOLS_KNOWN_MAX);
  }

  get isBehind(): boolean {
    return this.#names.isReading;
  }

  /** Looks which there are. */
  async resume(): Promise<void> {
    const names = await this.#names.look();
    for (const name of [...this.#owners.keys(), ...this.#strangeMs.keys()])
      if (!names.has(name)) this.#forget(name);
    let strangers = STRANGERS_A_LOOK;
    for (const name of names) {
      if (this.#owners.has(name)) continue;
      if (this.#strangeMs.has(name) && strangers-- <= 0) continue;
      await this.#meet(name);
    }
  }

  async #meet(name: string): Promise<void> {
    const nowMs = this.#options.clock.monotonicMs();
    const sinceMs = this.#strangeMs.get(name) ?? nowMs;
    if (nowMs - sinceMs > HEAD_MS) return;
    const owner = await this.#ownerOf(name);
    if (owner) this.#owners.set(name, owner);
    else this.#strangeMs.set(name, sinceMs);
  }

  *held(): Iterable<HeldLease> {
    for (const [name, process] of this.#owners) {
      yield { process, lose: () => this.#lose(name, process) };
    }
  }

  /** What it writes from now on may leave no trace in the file's times: a mapped file of some file systems has none. */
  async regain(process: ProcessId): Promise<void> {
    const key = processKey(process);
    for (const [name, owner] of this.#owners) if (processKey(owner) === key) this.#taken.delete(name);
  }

  async #lose(name: string, process: ProcessId): Promise<void> {
    const path = join(this.#options.folder, name);
    const writtenMs = await writtenMsOf(path);
    if (writtenMs === undefined) return this.#forget(name);
    const canComeBack = !this.#isSurelyGone(process);
    if (this.#taken.get(name) !== writtenMs) {
      if (!(await this.#take(name, path, canComeBack))) return;
      this.#taken.set(name, writtenMs);
    }
    if (canComeBack && !(await this.#isOld(path))) return;
    await rm(path, { force: true });
    this.#forget(name);
  }

  async #take(name: string, path: string, canComeBack: boolean): Promise<boolean> {
    const file = await SpoolFile.open(path);
    try {
      const head = await file.head();
      const done = head && (await takeOver(this.#options, file, head, canComeBack));
      if (head && done) this.#say(name, head, done);
      return done !== undefined;
    } finally {
      await file.close();
    }
  }

  #say(name: string, head: SpoolHead, { batches, entries, refused, torn }: Takeover): void {
    if (batches === 0 && torn === 0) return;
    const facts = { spool: name, pid: head.process?.pid ?? 0, batches, entries, refused, torn };
    this.#options.log("info", "what a process left in its spool is journaled", facts);
  }

  /** Whether nobody can come back: in this pid namespace the kernel said so, and of an earlier boot nothing lives. */
  #isSurelyGone({ bootId, pidNamespace, pid }: ProcessId): boolean {
    const { machine } = this.#options;
    const isHere = pidNamespace === machine.pidNamespace && pid > 0;
    return bootId === machine.bootId ? isHere : bootId !== "" && machine.bootId !== "" && pid > 0;
  }

  async #ownerOf(name: string): Promise<ProcessId | undefined> {
    const path = join(this.#options.folder, name);
    try {
      const file = await SpoolFile.open(path);
      try {
        const head = await file.head();
        if (head) return head.process ?? processOf(undefined, head.producerId);
        if ((await file.isBlank()) && (await this.#isOld(path))) await rm(path, { force: true });
      } finally {
        await file.close();
      }
    } catch (error) {
      if (!isCode(error, "ENOENT"))
        this.#options.log("warn", "a spool can't be read", { spool: name, reason: String(error) });
    }
    return undefined;
  }

  /** Whether nobody has written to it for long, by the wall clock, as the times of files are. */
  async #isOld(path: string): Promise<boolean> {
    const writtenMs = await writtenMsOf(path);
    return writtenMs !== undefined && this.#options.clock.nowMs() - writtenMs > KEPT_MS;
  }

  #forget(name: string): void {
    this.#owners.delete(name);
    this.#taken.delete(name);
    this.#strangeMs.delete(name);
  }
}

async function writtenMsOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
}
