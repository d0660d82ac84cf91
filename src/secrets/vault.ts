/**
 * Secrets in files of the home, each encrypted with age for the key in the file `key`. Who
 * can read this user's files can read the key too: the vault keeps values out of backups,
 * listings and searches of single files, as a keychain that is always unlocked would.
 *
 * An item is one file that appears by rename and is never changed. If the key is lost while
 * items are there, no new one is made: they would look damaged one by one.
 */
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { StepwellError } from "../errors/stepwell-error.js";
import { replaceFile, syncFolder } from "../store/replace-file.js";
import type { SecretBackend } from "./backend.js";

const ENDING = ".age";

/** The vault in a folder, which is made with the first item. */
export function openVault(folder: string): SecretBackend {
  const keyFile = join(folder, "key");
  const fileOf = (item: string) => join(folder, `${item}${ENDING}`);
  return {
    write: async (item, text) => {
      const identity = (await readKey(keyFile)) ?? (await makeKey(folder, keyFile));
      await replaceFile(fileOf(item), await encrypt(identity, JSON.stringify({ item, text })));
    },
    read: async (item) => {
      const identity = await readKey(keyFile);
      if (identity === undefined) throw damaged(`The key of the vault, ${keyFile}, is gone.`);
      return await readItem(fileOf(item), identity, item);
    },
    remove: async (item) => {
      await rm(fileOf(item), { force: true });
      await syncFolder(folder).catch(() => undefined);
    },
    state: async () => {
      const isLost = (await readKey(keyFile)) === undefined && (await holdsItems(folder));
      return isLost ? { kind: "absent", reason: `the key ${keyFile} is gone` } : { kind: "ready" };
    },
  };
}

async function readKey(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new StepwellError("STEPWELL_VAULT_DAMAGED", `The key of the vault, ${file}, can't be read.`, {
      cause,
    });
  }
}

async function makeKey(folder: string, file: string): Promise<string> {
  if (await holdsItems(folder)) throw damaged(`The key of the vault, ${file}, is gone.`);
  const { generateX25519Identity } = await import("age-encryption");
  const identity = await generateX25519Identity();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await replaceFile(file, `${identity}\n`);
  return identity;
}

async function holdsItems(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).some((name) => name.endsWith(ENDING));
  } catch {
    // There is no folder yet.
    return false;
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
    const found = JSON.parse(await decrypter.decrypt(await readFile(file), "text")) as Record<
      string,
      unknown
    >;
    // A file under another's name is none of this item's.
    if (found["item"] === item && typeof found["text"] === "string") return found["text"];
  } catch {
    // Missing, cut off, of another key: the same to whoever needs the value. A cause could show a part of it.
  }
  throw damaged(`The vault's file ${file} is missing or damaged.`);
}

function damaged(sentence: string): StepwellError {
  return new StepwellError("STEPWELL_VAULT_DAMAGED", sentence);
}
