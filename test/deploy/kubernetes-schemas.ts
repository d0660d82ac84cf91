/**
 * Kubernetes' own schemas, as npm packages have them compiled, and CloudNativePG's. Their validators pass over fields that
 * they don't know, as an API server would silently drop them: what no validator read is such a field.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

interface Schema {
  readonly validate: ((value: unknown) => boolean) & { readonly errors: readonly unknown[] | null };
}

const require = createRequire(import.meta.url);
const NAMES: Readonly<Record<string, readonly [name: string, schema: string]>> = {
  "v1 Namespace": ["kubernetes-models", "IoK8sApiCoreV1Namespace"],
  "v1 Service": ["kubernetes-models", "IoK8sApiCoreV1Service"],
  "v1 ServiceAccount": ["kubernetes-models", "IoK8sApiCoreV1ServiceAccount"],
  "v1 PersistentVolumeClaim": ["kubernetes-models", "IoK8sApiCoreV1PersistentVolumeClaim"],
  "v1 Secret": ["kubernetes-models", "IoK8sApiCoreV1Secret"],
  "apps/v1 Deployment": ["kubernetes-models", "IoK8sApiAppsV1Deployment"],
  "policy/v1 PodDisruptionBudget": ["kubernetes-models", "IoK8sApiPolicyV1PodDisruptionBudget"],
  "networking.k8s.io/v1 Ingress": ["kubernetes-models", "IoK8sApiNetworkingV1Ingress"],
  "postgresql.cnpg.io/v1 Cluster": ["@kubernetes-models/cloudnative-pg", "PostgresqlCnpgIoV1Cluster"],
};

/** Whether there is a schema for a kind here. */
export function hasSchema(kind: string): boolean {
  return kind in NAMES;
}

/** What is wrong with an object, a sentence each; `kind` as "apps/v1 Deployment". */
export function schemaFaults(kind: string, value: unknown): string[] {
  const [name, schema] = NAMES[kind] ?? [];
  if (name === undefined) return [`there is no schema for ${kind}`];
  const unread: (() => string[])[] = [];
  // The packages export their classes alone, which would copy what is given.
  const { validate } = require(join(dirname(require.resolve(name)), "_schemas", `${schema}.js`)) as Schema;
  const isValid = validate(watched(value, "", unread));
  const told = isValid ? [] : (validate.errors ?? []).map((error) => JSON.stringify(error));
  return [...told, ...unread.flatMap((paths) => paths()).map((path) => `unknown field ${path}`)];
}

/** The same value, with a list of the fields that nobody read. */
function watched(value: unknown, path: string, unread: (() => string[])[]): unknown {
  if (typeof value !== "object" || value === null) return value;
  const read = new Set<string | symbol>();
  const below = new Map<string | symbol, unknown>();
  unread.push(() =>
    Object.keys(value)
      .filter((key) => !read.has(key))
      .map((key) => `${path}/${key}`),
  );
  return new Proxy(value, {
    get: (target, key) => {
      read.add(key);
      const found: unknown = Reflect.get(target, key);
      if (!below.has(key)) below.set(key, watched(found, `${path}/${String(key)}`, unread));
      return below.get(key);
    },
  });
}
