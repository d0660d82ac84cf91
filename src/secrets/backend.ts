import type { VaultKey } from "./vault-key.js";

/** Where secrets are kept: the system's keychain, or the vault in the home where there is none. */
export type BackendKind = "keychain" | "vault";

/** Whether a backend can be used now. */
export type BackendState =
  | { readonly kind: "ready" }
  /** It is there; somebody has to unlock it. */
  | { readonly kind: "locked"; readonly reason: string }
  /** This machine, or the daemon's environment, has none. */
  | { readonly kind: "absent"; readonly reason: string };

/**
 * Keeps texts by item. An item is written once and never changed, so a change of a secret
 * is a new item beside the old one, and the state store says which of them counts.
 */
export interface SecretBackend {
  /** On disk when it resolves. Throws a StepwellError that says whether to try again. */
  write(item: string, text: string): Promise<void>;
  /** Throws when the item can't be read, and when it is not there: whoever asks knows that it was written. */
  read(item: string): Promise<string>;
  /** An item that is not there is removed already. Throws as write. */
  remove(item: string): Promise<void>;
  /** Tries it out. Never throws. */
  state(): Promise<BackendState>;
}

/** The vault: a backend whose key can be sealed with a passphrase. */
export interface Vault extends SecretBackend {
  readonly key: VaultKey;
}

/** The backends of a home. */
export interface SecretBackends {
  readonly keychain: SecretBackend;
  readonly vault: Vault;
}
