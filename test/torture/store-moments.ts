/** The kill points of a LevelDB write, by what it writes. */
import type { Run } from "../../src/runs/run.js";
import type { KillPoint } from "./kill-point-names.js";

export interface Write {
  readonly key: string | Uint8Array;
  readonly value?: unknown;
}

/** How runs stood when their rows were written last: a start or an end changes that, a cursor does not. */
const standings = new Map<string, string>();

function hasStartOrEnd(writes: readonly Write[]): boolean {
  const rows = writes.filter(({ key, value }) => String(key).startsWith("run/") && value !== undefined);
  const changed = rows.filter(({ key, value }) => {
    const { start, status, endTimeMs, delivered } = value as Partial<Run>;
    const standing = JSON.stringify([start !== undefined, status, endTimeMs]);
    const before = standings.get(String(key));
    standings.set(String(key), standing);
    return before === undefined ? Object.keys(delivered ?? {}).length === 0 : before !== standing;
  });
  return changed.length > 0;
}

/** What a LevelDB write is about, by the store's folder and the written keys. */
export function momentsOf(
  location: string,
  writes: readonly Write[],
  sync: boolean,
): readonly (KillPoint | "")[] {
  const key = writes[0]?.key ?? "";
  if (/\/journal\/\d+$/.test(location)) {
    const isHead = writes.length === 1 && typeof key !== "string" && key[0] !== 0x70 && key[0] !== 0x72;
    if (isHead) return ["segment: before its head", "segment: its head is written, not synced", ""];
    return ["append: before", "append: written, not synced", "append: synced, not acknowledged"];
  }
  const tables = new Set(writes.map((write) => String(write.key).split("/")[0]));
  if (tables.has("meta")) return ["migration: before", "migration: written, not synced", "migration: after"];
  if (tables.has("dead-letter")) return ["letter: before it is parked", "", "letter: parked"];
  if (tables.has("journal")) return ["segments: before they are noted", "", "segments: noted"];
  if (tables.has("archived-run")) return ["archive: before", "", "archive: after"];
  if (tables.has("producer") && sync) return ["marks: before they are retired", "", "marks: retired"];
  if (!tables.has("run")) return ["", "", ""];
  if (!sync) return ["cursor: before the daemon's own", "", "cursor: the daemon's own is written"];
  return hasStartOrEnd(writes)
    ? ["run: before its start or end is on disk", "", "run: its start or end is on disk"]
    : ["", "", "cursor: the daemon's own is synced"];
}

/** LevelDB's batch that is made operation by operation, as one write. */
export function gatheredBatch(write: (writes: readonly Write[], options: unknown) => Promise<void>) {
  const writes: (Write & { readonly type: "put" | "del" })[] = [];
  return {
    put: (key: Write["key"], value: unknown) => {
      // As LevelDB does: the memory of one record's value is the next one's.
      writes.push({ type: "put", key, value: value instanceof Uint8Array ? Uint8Array.from(value) : value });
    },
    del: (key: Write["key"]) => void writes.push({ type: "del", key }),
    write: (options: unknown) => write(writes, options),
    close: async () => undefined,
  };
}
