import type { BackendKind, BackendState, SecretBackends, Vault } from "./backend.js";
import type { BackendChoice } from "./backend-choice.js";
import type { Secret } from "./secret.js";

/** Where new secrets are kept, and whether that can be used now. */
export interface BackendReport {
  /** Empty while no secret was ever made. */
  readonly backend: BackendKind | "";
  /** Why, in words that follow "because"; empty when somebody asked for it. */
  readonly reason: string;
  readonly state: BackendState["kind"];
  /** One sentence about the state. */
  readonly finding: string;
  /** Secrets by backend, where there are any. */
  readonly secrets: Record<string, number>;
  /** The vault's key is sealed with a passphrase. */
  readonly hasPassphrase: boolean;
}

/** Tries the backend out; while none is chosen, the keychain. */
export async function reportBackend(
  { chosen }: BackendChoice,
  backends: SecretBackends,
  secrets: readonly Secret[],
): Promise<BackendReport> {
  const state = await backends[chosen?.kind ?? "keychain"].state();
  const counts: Record<string, number> = {};
  for (const { backend } of secrets) counts[backend] = (counts[backend] ?? 0) + 1;
  const { kind: backend = "", reason = "" } = chosen ?? {};
  const finding = findingOf(backend, state);
  const hasPassphrase = await isSealed(backends.vault);
  return { backend, reason, state: state.kind, finding, secrets: counts, hasPassphrase };
}

async function isSealed({ key }: Vault): Promise<boolean> {
  try {
    const { kind } = await key.state();
    return kind === "locked" || kind === "unlocked";
  } catch {
    // It can't be read; the vault's own state says so.
    return false;
  }
}

function findingOf(backend: BackendKind | "", state: BackendState): string {
  if (state.kind === "ready")
    return backend === "" ? "There is a keychain for the first secret." : `The ${backend} can be used.`;
  if (backend === "" && state.kind === "absent")
    return `The first secret will be kept in the vault: ${state.reason}.`;
  return `The ${backend || "keychain"} can't be used: ${state.reason}.`;
}
