/** A home's secrets over the real state store and vault, and what tests look at beside them. */
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { placeOf } from "../../src/home/home-place.js";
import type { SecretBackend } from "../../src/secrets/backend.js";
import { SecretBook } from "../../src/secrets/secret-book.js";
import { openVault } from "../../src/secrets/vault.js";
import { StackBook } from "../../src/stacks/stack-book.js";
import type { Store } from "../../src/store/contract.js";
import { openStore } from "../../src/store/store.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";
import { QUICK } from "./quick-passphrases.js";

export interface OpenBook {
  readonly book: SecretBook;
  readonly stacks: StackBook;
  readonly store: Store;
  readonly clock: SetClock;
  readonly vaultFolder: string;
  /** Opens the home's secrets again, as the next daemon does. */
  readonly reopen: () => Promise<SecretBook>;
}

/** A machine without a keychain. */
const NONE: SecretBackend = {
  write: () => Promise.reject(new Error("there is no keychain")),
  read: () => Promise.reject(new Error("there is no keychain")),
  remove: () => Promise.reject(new Error("there is no keychain")),
  state: async () => ({ kind: "absent", reason: "this test has no keychain" }),
};

/** Opens a scratch home; `keychain` is a machine's without one unless given. */
export async function openBook(t: ExecutionContext, keychain: SecretBackend = NONE): Promise<OpenBook> {
  const folder = await scratchFolder(t);
  const store = await openStore(join(folder, "state"));
  t.teardown(() => store.close());
  const clock = new SetClock();
  const stacks = await StackBook.open(store, clock);
  const vaultFolder = join(folder, "vault");
  const backends = { keychain, vault: openVault(vaultFolder, QUICK) };
  const place = placeOf(folder);
  const open = () => SecretBook.open({ store, clock, log: () => undefined, stacks, backends, place });
  return { book: await open(), stacks, store, clock, vaultFolder, reopen: open };
}
