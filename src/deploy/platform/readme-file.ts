/** What is in the folder, in which order it is carried out, and what of it nobody has tried. */

import { cloudOf, type Platform } from "./platform.js";
import { RELAY_PORT, relayNames } from "./relay-manifests.js";

/** The folder's README. */
export function readmeFile(platform: Platform): string {
  const { name, namespace } = platform;
  const isTrial = platform.provider === "k3d";
  const begun = isTrial ? [foundation(platform), images(platform)] : [images(platform), foundation(platform)];
  const parts = [needs(platform), ...begun, secrets(platform), manifests(platform)];
  const steps = parts.map((part, at) => `${at + 1}. ${part.replaceAll("\n", "\n   ").replace(/ +$/gm, "")}`);
  return `# ${name}: MLflow with relays, in the namespace ${namespace}

Written by \`stepwell experiment-tracker deploy ${name} --provider=${platform.provider}\`. It is yours: read it, change it, keep it in your repository.
No password is in it. The same command with \`--apply\` carries out what is below, but for step ${isTrial ? 3 : 2}.

${files(platform)}
## How

${steps.join("\n\n")}

## Afterwards

${afterwards(platform)}
## What was tried

The manifests were held against the schemas of Kubernetes and CloudNativePG, and the files of OpenTofu were parsed.
**No cluster and no cloud has run them.** Read \`tofu plan\` and \`kubectl diff -k kubernetes\` before you say yes.
`;
}

function files(platform: Platform): string {
  const database = cloudOf(platform) ? "" : ", PostgreSQL by CloudNativePG";
  const rows = [
    ["kubernetes/", `manifests for kustomize: MLflow, relays${database}`],
    ["mlflow.Containerfile", "MLflow's image"],
    ...(cloudOf(platform) ? [["tofu/", "the database, the bucket and who may use it, by OpenTofu"]] : []),
    ...(platform.provider === "k3d" ? [["k3d.yaml", "a cluster on this machine"]] : []),
  ];
  return `| file | what |\n| --- | --- |\n${rows.map(([file, what]) => `| \`${file}\` | ${what} |\n`).join("")}`;
}

function needs(platform: Platform): string {
  const cloud = cloudOf(platform);
  const own = {
    aws: "An EKS cluster with the add-on `eks-pod-identity-agent`.",
    gcp: "A GKE cluster with workload identity, in a network with private services access.",
    azure:
      "An AKS cluster with the OIDC issuer and workload identity; a subnet and a private DNS zone for PostgreSQL.",
  };
  const operator = "The operator CloudNativePG (1.24 or newer) in the cluster.";
  const trial = "`k3d`, a container engine, and the operator CloudNativePG (1.24 or newer).";
  const first = cloud ? own[cloud] : platform.provider === "k3d" ? trial : operator;
  const issuer = platform.clusterIssuer === undefined ? "" : " cert-manager with your issuer.";
  return `${first}${issuer}${cloud ? " `tofu` (1.11 or newer) and `kubectl` on the PATH." : " `kubectl` on the PATH."}`;
}

function images({ mlflowImage, relayImage, provider, namespace }: Platform): string {
  const load =
    provider === "k3d"
      ? `k3d image import -c ${namespace} ${mlflowImage} ${relayImage}`
      : `podman push ${mlflowImage}\npodman push ${relayImage}`;
  return `Build both images. That of the relays is Stepwell's own: \`deploy/container/Containerfile\` of its repository.

\`\`\`sh
podman build -f mlflow.Containerfile -t ${mlflowImage} .
${load}
\`\`\``;
}

function foundation(platform: Platform): string {
  if (platform.provider === "k3d")
    return "The cluster; then install the operator in it.\n\n```sh\nk3d cluster create --config k3d.yaml\n```";
  if (!cloudOf(platform)) return "The namespace.\n\n```sh\nkubectl apply -f kubernetes/namespace.yaml\n```";
  return "The database, the bucket and who may use it.\n\n```sh\ntofu -chdir=tofu init\ntofu -chdir=tofu apply\n```";
}

function secrets(platform: Platform): string {
  const { namespace, clusterIssuer } = platform;
  const names = relayNames(platform).join(", ");
  const own = `kubectl -n ${namespace} create secret tls relay-tls --cert=FILE --key=FILE    # for ${names}\n`;
  const before = platform.provider === "k3d" ? "kubectl apply -f kubernetes/namespace.yaml\n" : "";
  return `Secrets. \`--apply\` makes the first two, of Stepwell's secret store.

\`\`\`sh
${before}kubectl -n ${namespace} create secret generic mlflow-admin --from-literal=username=admin \\
  --from-file=password=FILE --from-file=forms_key=FILE
stepwell relay token daemons --token-file=tokens    # shows it once: daemons' trackers need it
kubectl -n ${namespace} create secret generic relay-token --from-file=token=tokens
${clusterIssuer === undefined ? own : ""}\`\`\``;
}

function manifests({ namespace }: Platform): string {
  return `The servers.

\`\`\`sh
kubectl apply -k kubernetes
kubectl -n ${namespace} rollout status deployment/mlflow
kubectl -n ${namespace} rollout status deployment/relay
\`\`\``;
}

function afterwards(platform: Platform): string {
  const { namespace, hostname, relayHostname } = platform;
  const pages = hostname === undefined ? "" : `MLflow's pages: https://${hostname}\n\n`;
  const relay = relayHostname ?? `relay.${namespace}.svc`;
  const forward = `kubectl -n ${namespace} port-forward service/mlflow 5000`;
  const inside =
    hostname === undefined ? `MLflow's pages: \`${forward}\`, then http://localhost:5000\n\n` : "";
  return `${pages}${inside}Daemons deliver to the relays at \`grpcs://${relay}:${RELAY_PORT}\`, with their token; the secret \`relay-token\` has its digest.

- A failed node: PostgreSQL goes over to another instance, relays are replaced; daemons wait and lose nothing.
- More load: more replicas of \`relay\`, then a larger database.
- The end of it: ${cloudOf(platform) ? "take the database's protection away, then " : ""}\`kubectl delete -k kubernetes\`${cloudOf(platform) ? " and `tofu -chdir=tofu destroy`" : ""}.
`;
}
