/** A keychain in files, synced like the vault's: no machine's own may be tortured. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../../src/home/durable-folder.js";
import { replaceFile } from "../../src/home/replace-file.js";
import type { SecretBackend } from "../../src/secrets/backend.js";

export function fileKeychain(folder: string): SecretBackend {
  return {
    write: async (item, text) => {
      await makeFolder(folder);
      await replaceFile(join(folder, item), text);
    },
    read: async (item) => await readFile(join(folder, item), "utf8"),
    remove: async (item) => await rm(join(folder, item), { force: true }),
    state: async () => ({ kind: "ready" }),
  };
}
