import type { Passphrases } from "../../src/secrets/passphrase/passphrases.js";
import { seal, unseal } from "../../src/secrets/passphrase/seal.js";

/** age with so little work that a test can try many, and in this process. */
export const QUICK: Passphrases = { seal: (text, passphrase) => seal(text, passphrase, 2), unseal };
