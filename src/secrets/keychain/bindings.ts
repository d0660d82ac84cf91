/**
 * The system's keychain through keytar, and through @napi-rs/keyring where keytar does not
 * load: it needs a compiler, or a download from outside the registry, to be built. The two
 * name their items in different ways, so what one wrote is looked for with both.
 */

/** One way to the keychain. */
export interface KeychainBinding {
  set(service: string, account: string, text: string): Promise<void>;
  /** Null when there is nothing, or when a lock hides it. */
  get(service: string, account: string): Promise<string | null>;
  /** False when there is nothing, or when a lock hides it. */
  delete(service: string, account: string): Promise<boolean>;
}

/** Those that load on this machine, the preferred one first. */
export async function loadBindings(): Promise<KeychainBinding[]> {
  const loaded = [await orNone(loadKeytar), await orNone(loadKeyring)];
  return loaded.filter((binding) => binding !== undefined);
}

async function loadKeytar(): Promise<KeychainBinding> {
  const { default: keytar } = await import("keytar");
  return {
    set: (service, account, text) => keytar.setPassword(service, account, text),
    get: (service, account) => keytar.getPassword(service, account),
    delete: (service, account) => keytar.deletePassword(service, account),
  };
}

async function loadKeyring(): Promise<KeychainBinding> {
  const { AsyncEntry } = await import("@napi-rs/keyring");
  // Left to itself it would fall back to the kernel's keyring, which forgets everything at a reboot.
  const options = { linux: { store: "secret-service" } } as const;
  const entry = (service: string, account: string) => new AsyncEntry(service, account, options);
  return {
    set: (service, account, text) => entry(service, account).setPassword(text),
    get: async (service, account) => (await entry(service, account).getPassword()) ?? null,
    delete: (service, account) => entry(service, account).deletePassword(),
  };
}

async function orNone(load: () => Promise<KeychainBinding>): Promise<KeychainBinding | undefined> {
  try {
    return await load();
  } catch {
    // Not built, or for another platform.
    return undefined;
  }
}
