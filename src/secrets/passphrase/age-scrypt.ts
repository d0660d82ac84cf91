/**
 * age's way from a passphrase to a file's key (https://age-encryption.org/v1, "scrypt"), with the system's scrypt: the one in
 * JavaScript that age brings takes nearly twice as long, which a guesser would not wait for, and who unlocks does.
 *
 * A file has one stanza, `scrypt SALT WORK`. Its body is the file's key, by ChaCha20-Poly1305 with a nonce of zeros: each key
 * that scrypt gives encrypts one thing.
 */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import { type Identity, type Recipient, Stanza } from "age-encryption";

const LABEL = "age-encryption.org/v1/scrypt";
const CIPHER = "chacha20-poly1305";
const NONCE = Buffer.alloc(12);
const SALT_BYTES = 16;
const TAG_BYTES = 16;
const BODY_BYTES = 32;
/** More would take a gigabyte of memory, for a file that nobody here has written. age itself takes no more. */
const WORK_MAX = 20;

/** Wraps a file's key with a passphrase. `work` is scrypt's, as a base-2 logarithm. */
export function recipientOf(passphrase: string, work: number): Recipient {
  return {
    wrapFileKey: (fileKey) => {
      const salt = randomBytes(SALT_BYTES);
      const cipher = createCipheriv(CIPHER, keyOf(passphrase, salt, work), NONCE, {
        authTagLength: TAG_BYTES,
      });
      const body = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
      return [new Stanza(["scrypt", salt.toString("base64").replace(/=+$/, ""), String(work)], body)];
    },
  };
}

/** Gives a file's key back. Throws a RangeError where there is no memory to try, and another for a damaged stanza. */
export function identityOf(passphrase: string): Identity {
  return {
    unwrapFileKey: (stanzas) => {
      const [stanza] = stanzas;
      if (stanza?.args[0] !== "scrypt") return null;
      const [, saltText = "", workText = ""] = stanza.args;
      const salt = Buffer.from(saltText, "base64");
      const isWhole = stanzas.length === 1 && stanza.args.length === 3 && stanza.body.length === BODY_BYTES;
      if (!isWhole || salt.length !== SALT_BYTES || !/^[1-9]\d?$/.test(workText))
        throw new Error("the stanza is damaged");
      const work = Number(workText);
      if (work > WORK_MAX) throw new Error("the stanza asks for too much work");
      const decipher = createDecipheriv(CIPHER, keyOf(passphrase, salt, work), NONCE, {
        authTagLength: TAG_BYTES,
      });
      decipher.setAuthTag(stanza.body.subarray(-TAG_BYTES));
      const fileKey = decipher.update(stanza.body.subarray(0, -TAG_BYTES));
      try {
        decipher.final();
      } catch {
        return null;
      }
      return fileKey;
    },
  };
}

function keyOf(passphrase: string, salt: Buffer, work: number): Buffer {
  const N = 2 ** work;
  try {
    // The memory that it needs is 128 * N * r, and a little.
    return scryptSync(passphrase, Buffer.concat([Buffer.from(LABEL), salt]), 32, {
      ...{ N, r: 8, p: 1 },
      maxmem: 1_024 * N + 65_536,
    });
  } catch {
    throw new RangeError("there is no memory for scrypt");
  }
}
