/** What a daemon's state is held against: its own plans over a store in memory, with secrets in memory. */

import type { SecretBackend } from "../../src/secrets/backend.js";
import { SecretBook } from "../../src/secrets/secret-book.js";
import { StackBook } from "../../src/stacks/stack-book.js";
import type { MemoryStore } from "./memory-store.js";

export interface Books {
  readonly stacks: StackBook;
  readonly secrets: SecretBook;
}

/** Values of all stores of a campaign. None is removed: a change that a kill struck may not have come about. */
export type SecretItems = Map<string, string>;

/** The books over a store. */
export async function openBooks(store: MemoryStore, items: SecretItems): Promise<Books> {
  const clock = { nowMs: () => 0, monotonicMs: () => 0 };
  const stacks = await StackBook.open(store, clock);
  const backend: SecretBackend = {
    write: async (item, text) => void items.set(item, text),
    read: async (item) => items.get(item) ?? "{}",
    remove: async () => undefined,
    state: async () => ({ kind: "ready" }),
  };
  const key = { state: async () => "plain" } as never;
  const backends = { keychain: backend, vault: { ...backend, key } };
  const place = { path: "/", device: "", inode: "" };
  const secrets = await SecretBook.open({ store, clock, log: () => undefined, stacks, backends, place });
  return { stacks, secrets };
}
