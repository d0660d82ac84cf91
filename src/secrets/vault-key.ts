/**
 * The key of a vault: one age identity for all items. It lies in the file `key`, or, sealed
 * with a passphrase, in `key.age`; then it is in memory alone, and only after an unlock.
 *
 * Either file appears by rename and is on disk before the other one is removed, so at every
 * moment one of them can be read. Where both are there a change was cut off: both hold the
 * same identity, the plain one counts, and the next change removes the leftover. A draft of
 * the plain file, which a killed change may leave, goes at the next unlock or change.
 */
import { readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { StepwellError } from "../errors/stepwell-error.js";
import { isCode } from "../errors/system-code.js";
import { makeFolderIn } from "../home/durable-folder.js";
import { readPlain } from "../home/plain-file.js";
import { removeDrafts, replaceFile, syncFolder } from "../home/replace-file.js";
import { checkPassphrase, type Passphrases } from "./passphrase/passphrases.js";

/** How a vault's key is. */
export type VaultKeyState =
  /** There is no vault yet. */
  | { readonly kind: "absent" }
  /** Items are there and their key is not. */
  | { readonly kind: "lost" }
  | { readonly kind: "plain"; readonly identity: string }
  | { readonly kind: "locked" }
  | { readonly kind: "unlocked"; readonly identity: string };

/** What names of items end with. */
export const ITEM_ENDING = ".age";
const PLAIN_NAME = "key";
const SEALED_NAME = `key${ITEM_ENDING}`;
const IDENTITY = /^AGE-SECRET-KEY-1[0-9A-Z]+$/;

/** Changes come one after the other: whoever calls seal, unseal, unlock or ensure sees to it. */
export class VaultKey {
  readonly #folder: string;
  readonly #plainFile: string;
  readonly #sealedFile: string;
  readonly #passphrases: Passphrases;
  /** Counts for the very file that it came from: another one may have been put there since. */
  #opened: { readonly sealed: Buffer; readonly identity: string } | undefined;

  constructor(folder: string, passphrases: Passphrases) {
    this.#folder = folder;
    this.#plainFile = join(folder, PLAIN_NAME);
    this.#sealedFile = join(folder, SEALED_NAME);
    this.#passphrases = passphrases;
  }

  /** Throws STEPWELL_VAULT_DAMAGED for a file that can't be read. */
  async state(): Promise<VaultKeyState> {
    const plain = (await read(this.#plainFile))?.toString("utf8").trim();
    if (plain !== undefined) return { kind: "plain", identity: this.#checked(plain, this.#plainFile) };
    const sealed = await read(this.#sealedFile);
    if (sealed === undefined) return { kind: (await this.#holdsItems()) ? "lost" : "absent" };
    if (this.#opened?.sealed.equals(sealed)) return { kind: "unlocked", identity: this.#opened.identity };
    return { kind: "locked" };
  }

  /** The identity of what is there. Throws STEPWELL_VAULT_LOCKED or STEPWELL_VAULT_DAMAGED. */
  async identity(): Promise<string> {
    return this.#identityOf(await this.state());
  }

  /** The identity, made where there is no vault yet. Throws as identity. */
  async ensure(): Promise<string> {
    const state = await this.state();
    if (state.kind !== "absent") return this.#identityOf(state);
    const identity = await this.#newIdentity();
    await replaceFile(this.#plainFile, `${identity}\n`);
    return identity;
  }

  /**
   * Puts the key under a passphrase, or under another one; it stays open here. Throws as
   * identity, STEPWELL_PASSPHRASE_INVALID or STEPWELL_PASSPHRASE_UNTRIED.
   */
  async seal(passphrase: string): Promise<void> {
    checkPassphrase(passphrase);
    const state = await this.state();
    const identity = state.kind === "absent" ? await this.#newIdentity() : this.#identityOf(state);
    const sealed = Buffer.from(await this.#passphrases.seal(identity, passphrase));
    await replaceFile(this.#sealedFile, sealed);
    this.#opened = { sealed, identity };
    await this.#remove(this.#plainFile);
  }

  /** Puts the key back into its plain file; where there is none yet the next item makes it. Throws as identity. */
  async unseal(): Promise<void> {
    const state = await this.state();
    if (state.kind === "absent") return;
    const identity = this.#identityOf(state);
    if (state.kind !== "plain") await replaceFile(this.#plainFile, `${identity}\n`);
    this.#opened = undefined;
    await this.#remove(this.#sealedFile);
  }

  /**
   * Opens the key until this process ends; false where it has no passphrase. Throws
   * STEPWELL_PASSPHRASE_WRONG, also when it is open, STEPWELL_PASSPHRASE_UNTRIED or STEPWELL_VAULT_DAMAGED.
   */
  async unlock(passphrase: string): Promise<boolean> {
    const state = await this.state();
    const sealed = await read(this.#sealedFile);
    if ((state.kind !== "locked" && state.kind !== "unlocked") || sealed === undefined) return false;
    const found = await this.#passphrases.unseal(sealed, passphrase);
    if (found.kind === "wrong")
      throw new StepwellError("STEPWELL_PASSPHRASE_WRONG", "This is not the vault's passphrase.");
    if (found.kind === "damaged") throw damaged(`The key of the vault, ${this.#sealedFile}, is damaged.`);
    this.#opened = { sealed, identity: this.#checked(found.text, this.#sealedFile) };
    await this.#removeDrafts();
    return true;
  }

  #identityOf(state: VaultKeyState): string {
    switch (state.kind) {
      case "plain":
      case "unlocked":
        return state.identity;
      case "locked":
        throw new StepwellError("STEPWELL_VAULT_LOCKED", "The vault is locked with a passphrase.");
      case "lost":
      case "absent":
        throw damaged(`The key of the vault, ${this.#plainFile}, is gone.`);
    }
  }

  #checked(identity: string, file: string): string {
    if (IDENTITY.test(identity)) return identity;
    throw damaged(`The key of the vault, ${file}, is damaged.`);
  }

  async #newIdentity(): Promise<string> {
    const { generateX25519Identity } = await import("age-encryption");
    await makeFolderIn(dirname(this.#folder), basename(this.#folder));
    return await generateX25519Identity();
  }

  async #remove(file: string): Promise<void> {
    await rm(file, { force: true });
    await syncFolder(this.#folder);
    await this.#removeDrafts();
  }

  async #removeDrafts(): Promise<void> {
    for (const file of [this.#plainFile, this.#sealedFile]) await removeDrafts(file);
  }

  async #holdsItems(): Promise<boolean> {
    try {
      const names = await readdir(this.#folder);
      return names.some((name) => name.endsWith(ITEM_ENDING) && name !== SEALED_NAME);
    } catch {
      // There is no folder yet.
      return false;
    }
  }
}

/** Undefined where there is no such file. */
async function read(file: string): Promise<Buffer | undefined> {
  try {
    return await readPlain(file);
  } catch (cause) {
    if (isCode(cause, "ENOENT")) return undefined;
    throw new StepwellError("STEPWELL_VAULT_DAMAGED", `The key of the vault, ${file}, can't be read.`, {
      cause,
    });
  }
}

function damaged(sentence: string): StepwellError {
  return new StepwellError("STEPWELL_VAULT_DAMAGED", sentence);
}
