import { StepwellError } from "../errors/stepwell-error.js";
import {
  SecretBackend,
  SecretBackendState,
  type Secret as SecretMessage,
  type SecretsServiceServer,
  type SecretUse as SecretUseMessage,
} from "../gen/stepwell/v1/secrets.js";
import type { BackendKind } from "../secrets/backend.js";
import type { SecretUse } from "../secrets/references.js";
import type { Secret } from "../secrets/secret.js";
import type { SecretBook } from "../secrets/secret-book.js";
import { type Fields, pageOf } from "../stacks/list-query.js";
import { queryOf } from "./stack-messages.js";
import { unary } from "./unary.js";

/** What secrets can be chosen and sorted by. */
const SECRET_FIELDS: Fields<Secret> = {
  id: { kind: "texts", of: ({ id }) => [id] },
  name: { kind: "texts", of: ({ name }) => [name] },
  backend: { kind: "texts", of: ({ backend }) => [backend] },
  created: { kind: "time", of: ({ createdMs }) => createdMs },
  updated: { kind: "time", of: ({ updatedMs }) => updatedMs },
};

/** `onChange` is told of every change that can free a lane that waits for a credential. */
export function secretsService(secrets: SecretBook, onChange: () => void): SecretsServiceServer {
  const messageOf = (secret: Secret) => secretOf(secrets, secret);
  return {
    createSecret: unary(async ({ name, values }) => {
      const secret = await secrets.create(name, values);
      onChange();
      return { secret: messageOf(secret) };
    }),
    listSecrets: unary(({ options }) => {
      const { items, total } = pageOf(secrets.list(), SECRET_FIELDS, queryOf(options));
      return { secrets: items.map(messageOf), total };
    }),
    getSecret: unary(async ({ secret: asked, reveal }) => {
      const secret = secrets.secret(asked);
      return { secret: messageOf(secret), values: reveal ? { ...(await secrets.values(secret)) } : {} };
    }),
    listSecretUses: unary(({ secret: asked }) => {
      const dangling = secrets.uses({ name: asked });
      const exists = dangling.length === 0 || secrets.list().some(({ name }) => name === asked);
      const uses = exists ? secrets.uses(secrets.secret(asked)) : dangling;
      return { uses: uses.map(useOf), exists };
    }),
    updateSecret: unary(async ({ secret: asked, values, removedKeys }) => {
      const secret = await secrets.update(asked, values, removedKeys);
      onChange();
      return { secret: messageOf(secret) };
    }),
    renameSecret: unary(async ({ secret: asked, newName, rewriteReferences: rewrite, force }) => {
      const secret = await secrets.rename(asked, newName, { rewrite, force });
      onChange();
      return { secret: messageOf(secret) };
    }),
    deleteSecret: unary(async ({ secret: asked, force }) => {
      const before = messageOf(secrets.secret(asked));
      await secrets.delete(asked, force);
      return { secret: before };
    }),
    getSecretBackend: unary(async () => {
      const report = await secrets.backendReport();
      return { ...report, backend: BACKENDS[report.backend], state: STATES[report.state] };
    }),
    setSecretBackend: unary(async ({ backend }) => {
      const moved = await secrets.moveTo(kindOf(backend));
      onChange();
      return { moved };
    }),
    sealVault: unary(async ({ passphrase }) => {
      await secrets.withVaultKey((key) => key.seal(passphrase));
      return {};
    }),
    unsealVault: unary(async () => {
      await secrets.withVaultKey((key) => key.unseal());
      return {};
    }),
    unlockVault: unary(async ({ passphrase }) => {
      const unlocked = await secrets.withVaultKey((key) => key.unlock(passphrase));
      onChange();
      return { unlocked };
    }),
  };
}

const BACKENDS = {
  "": SecretBackend.SECRET_BACKEND_UNSPECIFIED,
  keychain: SecretBackend.SECRET_BACKEND_KEYCHAIN,
  vault: SecretBackend.SECRET_BACKEND_VAULT,
} as const;

const STATES = {
  ready: SecretBackendState.SECRET_BACKEND_STATE_READY,
  locked: SecretBackendState.SECRET_BACKEND_STATE_LOCKED,
  absent: SecretBackendState.SECRET_BACKEND_STATE_ABSENT,
} as const;

function kindOf(backend: number): BackendKind {
  if (backend === SecretBackend.SECRET_BACKEND_KEYCHAIN) return "keychain";
  if (backend === SecretBackend.SECRET_BACKEND_VAULT) return "vault";
  throw new StepwellError("STEPWELL_SECRET_INVALID", "Secrets are kept in the keychain or in the vault.");
}

function secretOf(secrets: SecretBook, secret: Secret): SecretMessage {
  const { id, name, keys, backend, createdMs, updatedMs } = secret;
  return {
    id,
    name,
    keys: [...keys],
    backend: BACKENDS[backend],
    createdMs: BigInt(createdMs),
    updatedMs: BigInt(updatedMs),
    uses: secrets.uses(secret).map(useOf),
  };
}

function useOf({ type: componentType, ...use }: SecretUse): SecretUseMessage {
  return { componentType, ...use };
}
