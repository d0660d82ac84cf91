import type { HomePaths } from "../home/endpoint.js";
import type { Store } from "../store/contract.js";
import { keychainIdOf } from "../store/migrations.js";
import type { SecretBackends } from "./backend.js";
import { openKeychain } from "./keychain/keychain.js";
import { openVault } from "./vault.js";

/** Where a home's secrets can be. Nothing is touched before its first use. */
export async function secretBackends(store: Store, paths: HomePaths): Promise<SecretBackends> {
  return { keychain: openKeychain(await keychainIdOf(store)), vault: openVault(paths.vaultFolder) };
}
