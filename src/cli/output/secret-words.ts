/** How messages about secrets are written for people and programs. */
import { SecretBackend, SecretBackendState } from "../../gen/stepwell/v1/secrets.js";

const BACKENDS: Readonly<Record<number, string>> = {
  [SecretBackend.SECRET_BACKEND_UNSPECIFIED]: "",
  [SecretBackend.SECRET_BACKEND_KEYCHAIN]: "keychain",
  [SecretBackend.SECRET_BACKEND_VAULT]: "vault",
};

const STATES: Readonly<Record<number, string>> = {
  [SecretBackendState.SECRET_BACKEND_STATE_READY]: "ready",
  [SecretBackendState.SECRET_BACKEND_STATE_LOCKED]: "locked",
  [SecretBackendState.SECRET_BACKEND_STATE_ABSENT]: "absent",
};

/** "keychain" or "vault"; empty while no secret was ever made. */
export function backendWord(backend: number): string {
  return BACKENDS[backend] ?? `backend ${backend}`;
}

/** "ready", "locked" or "absent". */
export function stateWord(state: number): string {
  return STATES[state] ?? `state ${state}`;
}

/** The backend of that name; unspecified for any other, which the daemon refuses. */
export function backendNamed(word: string): SecretBackend {
  if (word === "keychain") return SecretBackend.SECRET_BACKEND_KEYCHAIN;
  if (word === "vault") return SecretBackend.SECRET_BACKEND_VAULT;
  return SecretBackend.SECRET_BACKEND_UNSPECIFIED;
}
