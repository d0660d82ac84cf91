import type { Store } from "../../src/store/contract.js";

/** A state store that lies in memory and is never killed. */
export interface MemoryStore extends Store {
  /** Another one that holds the same. */
  copy(): MemoryStore;
}

export function memoryStore(values = new Map<string, unknown>()): MemoryStore {
  return {
    isTorn: false,
    copy: () => memoryStore(new Map(values)),
    get: async <Value>(table: string, key: string) => values.get(`${table}/${key}`) as Value | undefined,
    list: async <Value>(table: string, prefix = "") =>
      [...values]
        .filter(([key]) => key.startsWith(`${table}/${prefix}`))
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([key, value]) => ({ key: key.slice(table.length + 1), value: value as Value })),
    rows: async function* () {},
    write: async (changes) => {
      for (const { table, key, value } of changes) {
        if (value === undefined) values.delete(`${table}/${key}`);
        else values.set(`${table}/${key}`, value);
      }
    },
    close: async () => undefined,
  };
}
