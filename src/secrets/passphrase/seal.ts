/** Texts under a passphrase, in age's own format: `age --decrypt` opens them too. */
import { PASSPHRASE_WORK } from "../../model/limits.js";
import type { Unsealed } from "./messages.js";

/** Seals a text, and makes sure that the passphrase gives it back. `work` is scrypt's, as a base-2 logarithm. */
export async function seal(text: string, passphrase: string, work = PASSPHRASE_WORK): Promise<Uint8Array> {
  const [{ Encrypter }, { recipientOf }] = await Promise.all([
    import("age-encryption"),
    import("./age-scrypt.js"),
  ]);
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipientOf(passphrase, work));
  const sealed = await encrypter.encrypt(text);
  const again = await unseal(sealed, passphrase);
  if (again.kind === "text" && again.text === text) return sealed;
  throw new Error("what was sealed does not come back");
}

/** Tries a passphrase. Throws where there is no memory for it. */
export async function unseal(sealed: Uint8Array, passphrase: string): Promise<Unsealed> {
  const [{ Decrypter }, { identityOf }] = await Promise.all([
    import("age-encryption"),
    import("./age-scrypt.js"),
  ]);
  const decrypter = new Decrypter();
  decrypter.addIdentity(identityOf(passphrase));
  try {
    return { kind: "text", text: await decrypter.decrypt(sealed, "text") };
  } catch (error) {
    if (error instanceof RangeError) throw error;
    const isWrong = error instanceof Error && error.message.startsWith("no identity matched");
    return { kind: isWrong ? "wrong" : "damaged" };
  }
}
