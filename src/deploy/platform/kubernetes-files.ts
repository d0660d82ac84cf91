/**
 * The manifests, as kustomize takes them: plain YAML, which kubectl applies without another program, and which a team changes
 * by an overlay of its own instead of by values that somebody thought of before (docs/decisions/0018).
 */
import { ingress, mlflow } from "./mlflow-manifests.js";
import { cloudOf, type Platform } from "./platform.js";
import { certificate, relay, relayPublic } from "./relay-manifests.js";

/** Files by their path below the folder. */
export function kubernetesFiles(platform: Platform): Record<string, string> {
  const isCloud = cloudOf(platform) !== undefined;
  const resources = {
    ...(isCloud ? {} : { "namespace.yaml": namespace(platform), "database.yaml": database() }),
    ...(platform.bucket ? {} : { "artifacts.yaml": volume() }),
    "mlflow.yaml": mlflow(platform),
    "relay.yaml": relay(platform),
    ...(platform.hostname === undefined ? {} : { "ingress.yaml": ingress(platform, platform.hostname) }),
    ...(platform.relayHostname === undefined
      ? {}
      : { "relay-public.yaml": relayPublic(platform.relayHostname) }),
    ...(platform.clusterIssuer === undefined
      ? {}
      : { "certificate.yaml": certificate(platform, platform.clusterIssuer) }),
  };
  return { "kustomization.yaml": kustomization(platform, Object.keys(resources)), ...resources };
}

function kustomization(
  { name, namespace, mlflowImage, relayImage }: Platform,
  resources: readonly string[],
): string {
  return `# Made by stepwell experiment-tracker deploy ${name}. It is yours now: change it, or lay an overlay over it.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: ${namespace}
labels:
  - pairs: { app.kubernetes.io/part-of: ${namespace}, app.kubernetes.io/managed-by: kustomize }
images:
${imageEntry("mlflow", mlflowImage)}${imageEntry("stepwell", relayImage)}resources:
${resources.map((file) => `  - ${file}\n`).join("")}`;
}

/** A name, and a tag or a digest. */
function imageEntry(name: string, image: string): string {
  const [, path = image, tag, digest] = /^([^@]+?)(?::([\w.-]+))?(?:@(sha256:[0-9a-f]+))?$/.exec(image) ?? [];
  const version = digest ? `    digest: ${digest}\n` : `    newTag: "${tag ?? "latest"}"\n`;
  return `  - name: ${name}\n    newName: ${path}\n${version}`;
}

function namespace({ namespace: name }: Platform): string {
  return `apiVersion: v1
kind: Namespace
metadata:
  name: ${name}
`;
}

function database(): string {
  return `# PostgreSQL by CloudNativePG (1.24 or newer): three instances, and a commit waits until one other has it.
# The operator makes the secret database-app, which MLflow and the relays read.
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata:
  name: database
spec:
  instances: 3
  # Without it a node that is drained takes the only instance along.
  enablePDB: true
  bootstrap:
    initdb:
      database: mlflow
      owner: mlflow
      encoding: UTF8
      # Keys are compared as bytes: no new version of a collation spoils an index.
      localeCollate: C
      localeCType: C
  postgresql:
    synchronous:
      method: any
      number: 1
    parameters:
      # Points are appended: a checkpoint that comes late writes each page once.
      checkpoint_timeout: 15min
      max_wal_size: 4GB
      shared_buffers: 512MB
  storage:
    size: 50Gi
  walStorage:
    size: 10Gi
  resources:
    requests: { cpu: "1", memory: 2Gi }
    limits: { memory: 2Gi }
  # Add a backup before it is used in earnest: spec.backup, or the operator's plugin for your object store.
`;
}

function volume(): string {
  return `# Artifacts, where no bucket was given. One node at a time mounts it: MLflow has one replica then.
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: artifacts
spec:
  accessModes: [ReadWriteOnce]
  resources:
    requests:
      storage: 50Gi
`;
}
