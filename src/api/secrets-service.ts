import type { Secret as SecretMessage, SecretsServiceServer } from "../gen/stepwell/v1/secrets.js";
import type { Secret } from "../secrets/secret.js";
import type { SecretBook } from "../secrets/secret-book.js";
import { unary } from "./unary.js";

/** Secrets over gRPC. */
export function secretsService(secrets: SecretBook): SecretsServiceServer {
  const messageOf = (secret: Secret) => secretOf(secrets, secret);
  return {
    createSecret: unary(async ({ name, values }) => ({
      secret: messageOf(await secrets.create(name, values)),
    })),
    listSecrets: unary(() => ({ secrets: secrets.list().map(messageOf) })),
    getSecret: unary(async ({ secret: asked, reveal }) => {
      const secret = secrets.secret(asked);
      return { secret: messageOf(secret), values: reveal ? { ...(await secrets.values(secret)) } : {} };
    }),
    updateSecret: unary(async ({ secret: asked, values, removedKeys }) => {
      const secret = await secrets.update(asked, values, removedKeys);
      return { secret: messageOf(secret) };
    }),
    renameSecret: unary(async ({ secret: asked, newName, rewriteReferences: rewrite, force }) => {
      const secret = await secrets.rename(asked, newName, { rewrite, force });
      return { secret: messageOf(secret) };
    }),
    deleteSecret: unary(async ({ secret: asked, force }) => {
      const before = messageOf(secrets.secret(asked));
      await secrets.delete(asked, force);
      return { secret: before };
    }),
    getSecretBackend: unary(() => secrets.backendReport()),
  };
}

function secretOf(secrets: SecretBook, secret: Secret): SecretMessage {
  const { id, name, keys, backend, createdMs, updatedMs } = secret;
  return {
    id,
    name,
    keys: [...keys],
    backend,
    createdMs: BigInt(createdMs),
    updatedMs: BigInt(updatedMs),
    uses: secrets.uses(secret).map(({ type: componentType, ...use }) => ({ componentType, ...use })),
  };
}
