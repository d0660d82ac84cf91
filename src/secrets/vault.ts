/**
 * Secrets in files of the home, each encrypted with age for the vault's key. While that key
 * lies in a plain file, who can read this user's files can read it too: the vault keeps values
 * out of backups, listings and searches of single files, as a keychain that is always unlocked
 * would. A passphrase on the key keeps them from whoever has the files alone.
 *
 * An item is one file that appears by rename and is never changed. If the key is lost while
 * items are there, no new one is made: they would look damaged one by one.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { StepwellError, toStepwellError } from "../errors/stepwell-error.js";
import { readPlain } from "../home/plain-file.js";
import { replaceFile, syncFolder } from "../home/replace-file.js";
import type { BackendState, Vault } from "./backend.js";
import { type Passphrases, passphrasesByProgram } from "./passphrase/passphrases.js";
import { ITEM_ENDING, VaultKey } from "./vault-key.js";

/** The vault in a folder, which is made with the first item or the first passphrase. */
export function openVault(folder: string, passphrases: Passphrases = passphrasesByProgram()): Vault {
  const key = new VaultKey(folder, passphrases);
  const fileOf = (item: string) => join(folder, `${item}${ITEM_ENDING}`);
  return {
    key,
    write: async (item, text) => {
      const identity = await key.ensure();
      await replaceFile(fileOf(item), await encrypt(identity, JSON.stringify({ item, text })));
    },
    read: async (item) => await readItem(fileOf(item), await key.identity(), item),
    remove: async (item) => {
      await rm(fileOf(item), { force: true });
      await syncFolder(folder).catch(() => undefined);
    },
    state: () => stateOf(key),
  };
}

async function stateOf(key: VaultKey): Promise<BackendState> {
  try {
    const { kind } = await key.state();
    if (kind === "lost") return { kind: "absent", reason: "its key is gone" };
    return kind === "locked" ? { kind, reason: "it is locked with a passphrase" } : { kind: "ready" };
  } catch (error) {
    return { kind: "absent", reason: toStepwellError(error).message.replace(/\.$/, "") };
  }
}

async function encrypt(identity: string, text: string): Promise<Uint8Array> {
  const { Encrypter, identityToRecipient } = await import("age-encryption");
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(identity));
  return await encrypter.encrypt(text);
}

async function readItem(file: string, identity: string, item: string): Promise<string> {
  const { Decrypter } = await import("age-encryption");
  try {
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const found = JSON.parse(await decrypter.decrypt(await readPlain(file), "text")) as Record<
      string,
      unknown
    >;
    // A file under another's name is none of this item's.
    if (found["item"] === item && typeof found["text"] === "string") return found["text"];
  } catch {
    // Missing, cut off, of another key: the same to whoever needs the value. A cause could show a part of it.
  }
  throw new StepwellError("STEPWELL_VAULT_DAMAGED", `The vault's file ${file} is missing or damaged.`);
}
