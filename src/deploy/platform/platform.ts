/** What is written for servers elsewhere, as its templates take it. */
import type { Provider } from "../providers.js";

/** Every provider but this machine. */
export type PlatformProvider = Exclude<Provider, "local">;

/** The clouds, where OpenTofu makes the database, the bucket and who may use it. */
export const CLOUDS = ["aws", "gcp", "azure"] as const satisfies readonly PlatformProvider[];
export type Cloud = (typeof CLOUDS)[number];

/** A deployment elsewhere. */
export interface Platform {
  readonly name: string;
  readonly provider: PlatformProvider;
  /** The deployment's name as Kubernetes and buckets take it: the namespace unless another is given. */
  readonly label: string;
  readonly namespace: string;
  /** Where artifacts are; undefined for a volume of the cluster. */
  readonly bucket: Bucket | undefined;
  /** Where people reach MLflow, and daemons outside of the cluster a relay; undefined for inside alone. */
  readonly hostname: string | undefined;
  readonly relayHostname: string | undefined;
  /** Of cert-manager; undefined where certificates come from somewhere else. */
  readonly clusterIssuer: string | undefined;
  readonly mlflowImage: string;
  readonly relayImage: string;
  readonly mlflowVersion: string;
  readonly stepwellVersion: string;
  /** What OpenTofu needs to know and was given. */
  readonly variables: Readonly<Record<string, string>>;
}

/** A bucket as MLflow takes it, and its name; of Azure a container in an account. */
export interface Bucket {
  readonly uri: string;
  readonly name: string;
  readonly account: string;
}

/** Whether OpenTofu is part of it. */
export function cloudOf({ provider }: Platform): Cloud | undefined {
  return CLOUDS.find((each) => each === provider);
}
