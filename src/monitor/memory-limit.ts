/**
 * The memory that a process may have by its control groups, as those of a container, a SLURM job or a systemd unit: the kernel
 * ends one that takes more, whatever the machine has.
 */
import { readFileSync } from "node:fs";

/** Groups above one another that are looked at. */
const DEPTH_MAX = 32;

/** The least limit over it, of version 1 or 2; undefined: none is known. Version 1 says "none" by a number beyond any machine. */
export function memoryLimitOf(pid: number, proc = "/proc", groups = "/sys/fs/cgroup"): number | undefined {
  let least: number | undefined;
  for (const line of textOf(`${proc}/${pid}/cgroup`).split("\n")) {
    const [, controllers = "", path = ""] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    const isFirst = controllers.split(",").includes("memory");
    if (path === "" || (controllers !== "" && !isFirst)) continue;
    const [root, file] = isFirst ? [`${groups}/memory`, "memory.limit_in_bytes"] : [groups, "memory.max"];
    // Of a group that is not below ours nothing but the root can be seen.
    const names = path.includes("/..") ? [] : path.split("/").filter((name) => name !== "");
    for (let depth = Math.min(names.length, DEPTH_MAX); depth >= 0; depth--) {
      const limit = Number.parseInt(textOf([root, ...names.slice(0, depth), file].join("/")), 10);
      if (limit > 0 && limit < (least ?? Number.MAX_SAFE_INTEGER)) least = limit;
    }
  }
  return least;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
