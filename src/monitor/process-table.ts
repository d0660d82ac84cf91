/**
 * The processes of the machine, as /proc has them, and what those of one tree take together.
 *
 * What a child took is added to its parent once the parent has waited for it, so that sums over a tree only rise, whatever
 * children come and go between two looks. A process that leaves its tree, as one that detaches itself, is not seen any more.
 */

import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { memoryLimitOf } from "./memory-limit.js";

/** Files of /proc that are read in one go: 1 ms or so, while acknowledgements wait. */
const READ_AT_ONCE = 64;

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  /** In ticks of 1/100 s, with those of children that were waited for. */
  readonly ticks: number;
  readonly threads: number;
}

/** What a tree of processes takes. Counters rise. */
export interface TreeUsage {
  readonly processes: number;
  readonly threads: number;
  /** Seconds of processors. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** What they may have by their control groups; undefined: what the machine has. */
  readonly memoryLimitBytes: number | undefined;
  /** What reached the disk or came from it; undefined where the system does not tell. */
  readonly io: { readonly read: number; readonly written: number } | undefined;
}

export class ProcessTable {
  readonly #proc: string;
  readonly #groups: string | undefined;
  readonly #rows: readonly ProcessRow[];

  private constructor(proc: string, groups: string | undefined, rows: readonly ProcessRow[]) {
    this.#proc = proc;
    this.#groups = groups;
    this.#rows = rows;
  }

  /**
   * Looks at all processes; undefined where there is no /proc. `own` is left out, with all that it started: the first command of
   * a home starts the daemon, and what that takes is nothing of the command's program.
   */
  static async read(proc = "/proc", own = process.pid, groups?: string): Promise<ProcessTable | undefined> {
    let names: string[];
    try {
      names = (await readdir(proc)).filter((name) => /^\d+$/.test(name));
    } catch {
      return undefined;
    }
    const rows: ProcessRow[] = [];
    for (let from = 0; from < names.length; from += READ_AT_ONCE) {
      for (const name of names.slice(from, from + READ_AT_ONCE)) {
        const row = rowOf(Number(name), textOf(`${proc}/${name}/stat`));
        if (row && row.pid !== own) rows.push(row);
      }
      await setImmediate();
    }
    return names.length === 0 ? undefined : new ProcessTable(proc, groups, rows);
  }

  /** What the processes and all that they started take; undefined where none of them is there. */
  async usageOf(roots: readonly number[]): Promise<TreeUsage | undefined> {
    const rows = this.#treeOf(roots);
    if (rows.length === 0) return undefined;
    let residentBytes = 0;
    const io = { read: 0, written: 0 };
    let isIoKnown = false;
    for (const [index, { pid }] of rows.entries()) {
      residentBytes += residentOf(textOf(`${this.#proc}/${pid}/status`));
      // Another user's can't be read.
      const text = textOf(`${this.#proc}/${pid}/io`);
      isIoKnown ||= text !== "";
      io.read += numberAfter(text, "read_bytes:");
      io.written += numberAfter(text, "write_bytes:");
      if (index % READ_AT_ONCE === READ_AT_ONCE - 1) await setImmediate();
    }
    return {
      processes: rows.length,
      threads: rows.reduce((sum, { threads }) => sum + threads, 0),
      cpuSeconds: rows.reduce((sum, { ticks }) => sum + ticks, 0) / 100,
      residentBytes,
      memoryLimitBytes: this.#limitOf(roots),
      io: isIoKnown ? io : undefined,
    };
  }

  #limitOf(roots: readonly number[]): number | undefined {
    const limits = roots.flatMap((pid) => memoryLimitOf(pid, this.#proc, this.#groups) ?? []);
    return limits.length === 0 ? undefined : Math.min(...limits);
  }

  #treeOf(roots: readonly number[]): ProcessRow[] {
    const children = new Map<number, ProcessRow[]>();
    const byPid = new Map<number, ProcessRow>();
    for (const row of this.#rows) {
      byPid.set(row.pid, row);
      const siblings = children.get(row.parent);
      if (siblings) siblings.push(row);
      else children.set(row.parent, [row]);
    }
    const found = new Map<number, ProcessRow>();
    const open = roots.flatMap((pid) => byPid.get(pid) ?? []);
    for (let row = open.pop(); row; row = open.pop()) {
      if (found.has(row.pid)) continue;
      found.set(row.pid, row);
      open.push(...(children.get(row.pid) ?? []));
    }
    return [...found.values()];
  }
}

/** Fields 4, 14 to 17 and 20 of /proc/PID/stat; the command's name may hold spaces and parentheses. */
function rowOf(pid: number, stat: string): ProcessRow | undefined {
  if (stat === "") return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0);
  return { pid, parent: Number(fields[1]), ticks, threads: Number(fields[17]) };
}

/** A zombie has no memory. */
function residentOf(status: string): number {
  return numberAfter(status, "VmRSS:") * 1_024;
}

function numberAfter(text: string, name: string): number {
  const at = text.indexOf(name);
  return at === -1 ? 0 : Number.parseInt(text.slice(at + name.length, at + name.length + 32), 10) || 0;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
