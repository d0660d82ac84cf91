/** Copies of one home, whose secrets are in one user's keychain. */
import { cpSync, renameSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { StepwellError } from "../../src/errors/stepwell-error.js";
import { isSamePlace, placeOf } from "../../src/home/home-place.js";
import type { SecretBackend } from "../../src/secrets/backend.js";
import { SecretBook } from "../../src/secrets/secret-book.js";
import { openVault } from "../../src/secrets/vault.js";
import { StackBook } from "../../src/stacks/stack-book.js";
import { openStore } from "../../src/store/store.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";

/** A user's keychain in memory. */
class Keychain implements SecretBackend {
  readonly items = new Map<string, string>();
  isLocked = false;

  async write(item: string, text: string): Promise<void> {
    this.#check();
    this.items.set(item, text);
  }

  async read(item: string): Promise<string> {
    this.#check();
    const text = this.items.get(item);
    if (text === undefined) throw new StepwellError("STEPWELL_KEYCHAIN_LOCKED", `There is no item ${item}.`);
    return text;
  }

  async remove(item: string): Promise<void> {
    this.#check();
    this.items.delete(item);
  }

  async state() {
    return { kind: "ready" } as const;
  }

  #check(): void {
    if (this.isLocked) throw new StepwellError("STEPWELL_KEYCHAIN_LOCKED", "The keychain is locked.");
  }
}

/** The secrets of the home in a folder, until they are closed. */
async function open(home: string, keychain: SecretBackend) {
  const store = await openStore(join(home, "state"));
  const clock = new SetClock();
  const stacks = await StackBook.open(store, clock);
  const backends = { keychain, vault: openVault(join(home, "vault")) };
  const place = placeOf(home);
  const secrets = await SecretBook.open({ store, clock, log: () => undefined, stacks, backends, place });
  const close = async () => {
    await secrets.close();
    await store.close();
  };
  return { secrets, close, value: async (name: string) => (await secrets.values(secrets.secret(name)))["k"] };
}

/** Two homes, one the copy of the other, with the secrets `kept` and `gone`. */
async function twoHomes(t: ExecutionContext, keychain: Keychain) {
  const folder = await scratchFolder(t);
  const [home, copy] = [join(folder, "home"), join(folder, "copy")];
  const first = await open(home, keychain);
  await first.secrets.create("kept", { k: "old" });
  await first.secrets.create("gone", { k: "old" });
  await first.close();
  cpSync(home, copy, { recursive: true });
  return { home, copy };
}

test("a copy of a home and its original take nothing from each other's keychain items", async (t) => {
  const keychain = new Keychain();
  const { home, copy } = await twoHomes(t, keychain);
  const [original, other] = [await open(home, keychain), await open(copy, keychain)];
  await other.secrets.update("kept", { k: "the copy's" }, []);
  await other.secrets.delete("gone", false);
  t.is(await original.value("kept"), "old");
  t.is(await original.value("gone"), "old");
  await original.secrets.update("kept", { k: "the original's" }, []);
  await original.secrets.delete("gone", false);
  t.is(await other.value("kept"), "the copy's");
  await original.close();
  await other.close();
  t.is(keychain.items.size, 2, "each has one of its own, and nothing is left over");
});

test("the original may change what a copy has not touched", async (t) => {
  const keychain = new Keychain();
  const { home, copy } = await twoHomes(t, keychain);
  const other = await open(copy, keychain);
  await other.close();
  const original = await open(home, keychain);
  await original.secrets.update("kept", { k: "the original's" }, []);
  await original.secrets.delete("gone", false);
  await original.close();
  const again = await open(copy, keychain);
  t.deepEqual([await again.value("kept"), await again.value("gone")], ["old", "old"]);
  await again.secrets.delete("gone", false);
  await again.close();
  t.is(keychain.items.size, 2, "items of its own are removed as ever");
});

test("a secret that is changed before a copy has run for the first time is lost to the copy", async (t) => {
  const keychain = new Keychain();
  const { home, copy } = await twoHomes(t, keychain);
  const original = await open(home, keychain);
  await original.secrets.update("kept", { k: "new" }, []);
  await original.close();
  const other = await open(copy, keychain);
  await t.throwsAsync(other.value("kept"), { message: /There is no item/ });
  t.is(await other.value("gone"), "old");
  await other.close();
});

test("a copy that meets a locked keychain takes items of its own later, and removes none until then", async (t) => {
  const keychain = new Keychain();
  const { home, copy } = await twoHomes(t, keychain);
  keychain.isLocked = true;
  await (await open(copy, keychain)).close();
  keychain.isLocked = false;
  const before = new Set(keychain.items.keys());
  const other = await open(copy, keychain);
  await other.secrets.delete("gone", false);
  await other.close();
  t.true([...before].every((item) => keychain.items.has(item)));
  t.is(keychain.items.size, before.size + 1);
  const original = await open(home, keychain);
  t.is(await original.value("gone"), "old");
  await original.close();
});

test("a home that is renamed keeps its items", async (t) => {
  const keychain = new Keychain();
  const { home } = await twoHomes(t, keychain);
  const before = [...keychain.items.keys()];
  renameSync(home, `${home}-2`);
  const moved = await open(`${home}-2`, keychain);
  t.is(await moved.value("kept"), "old");
  await moved.secrets.delete("gone", false);
  await moved.close();
  t.is(keychain.items.size, before.length - 1);
});

test("a place is the same after a rename or with another number of its device, and not elsewhere", (t) => {
  const place = { path: "/a", device: "1", inode: "2" };
  t.true(isSamePlace(place, { ...place, path: "/b" }));
  t.true(isSamePlace(place, { ...place, device: "9" }));
  t.false(isSamePlace(place, { ...place, inode: "3" }));
  t.false(isSamePlace(place, { ...place, path: "/b", device: "9" }));
});
