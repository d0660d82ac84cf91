/** What `--apply` runs, in order. What is secret goes to a program's standard input. */
import { tokenLine } from "../token-line.js";
import { cloudOf, type Platform } from "./platform.js";

/** One program that has to succeed. */
export interface ApplyStep {
  readonly program: "tofu" | "kubectl" | "k3d";
  readonly args: readonly string[];
  /** Its standard input; the command's own, so that it can ask, unless given. */
  readonly input?: string;
  /** What to do where it fails, and the error table's remedy does not say enough. */
  readonly remedy?: string;
  /** Where this succeeds, the step is done already. */
  readonly unless?: readonly string[];
}

/** Who may use what is deployed. */
export interface ApplySecrets {
  readonly username: string;
  readonly password: string;
  readonly formsKey: string;
  readonly relayToken: string;
}

/** The programs that have to be on the PATH. */
export function programsOf(platform: Platform): ApplyStep["program"][] {
  if (platform.provider === "k3d") return ["k3d", "kubectl"];
  return cloudOf(platform) ? ["tofu", "kubectl"] : ["kubectl"];
}

/** The steps for what is in a folder. */
export function applySteps(platform: Platform, folder: string, secrets: ApplySecrets): ApplyStep[] {
  const { namespace, clusterIssuer } = platform;
  const kubectl = (...args: string[]): ApplyStep => ({ program: "kubectl", args });
  return [
    ...foundation(platform, folder),
    ...(clusterIssuer === undefined ? [] : [needed("certificates.cert-manager.io", "cert-manager")]),
    { ...kubectl("apply", "-f", "-"), input: secretList(namespace, secrets) },
    ...(clusterIssuer === undefined ? [ownCertificate(namespace)] : []),
    kubectl("apply", "-k", `${folder}/kubernetes`),
    ...["mlflow", "relay"].map((name) =>
      kubectl("-n", namespace, "rollout", "status", `deployment/${name}`, "--timeout=15m"),
    ),
  ];
}

function foundation(platform: Platform, folder: string): ApplyStep[] {
  const { namespace, provider } = platform;
  if (cloudOf(platform))
    return [
      { program: "tofu", args: [`-chdir=${folder}/tofu`, "init"] },
      { program: "tofu", args: [`-chdir=${folder}/tofu`, "apply"] },
    ];
  const cluster: ApplyStep = {
    program: "k3d",
    args: ["cluster", "create", "--config", `${folder}/k3d.yaml`],
    unless: ["cluster", "get", namespace],
  };
  return [
    ...(provider === "k3d" ? [cluster] : []),
    needed("clusters.postgresql.cnpg.io", "the operator CloudNativePG"),
    { program: "kubectl", args: ["apply", "-f", `${folder}/kubernetes/namespace.yaml`] },
  ];
}

function needed(crd: string, what: string): ApplyStep {
  const remedy = `Install ${what} in the cluster, or choose another cluster: kubectl config use-context NAME.`;
  return { program: "kubectl", args: ["get", "crd", crd, "-o", "name"], remedy };
}

function ownCertificate(namespace: string): ApplyStep {
  const remedy = `Make it, or give -x cluster_issuer=NAME of cert-manager. By hand: kubectl -n ${namespace} create secret tls relay-tls --cert=FILE --key=FILE.`;
  return { program: "kubectl", args: ["-n", namespace, "get", "secret", "relay-tls", "-o", "name"], remedy };
}

function secretList(namespace: string, { username, password, formsKey, relayToken }: ApplySecrets): string {
  const secret = (name: string, stringData: object) => ({
    ...{ apiVersion: "v1", kind: "Secret", metadata: { name, namespace }, type: "Opaque" },
    stringData,
  });
  const items = [
    secret("mlflow-admin", { username, password, forms_key: formsKey }),
    secret("relay-token", { token: tokenLine(relayToken) }),
  ];
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}
