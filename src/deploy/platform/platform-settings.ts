/** What -x may set of a deployment elsewhere, and how a platform is made of it. */
import { StepwellError } from "../../errors/stepwell-error.js";
import { MLFLOW_VERSION } from "../../mlflow/mlflow-version.js";
import { VERSION } from "../../model/version.js";
import type { Deployment } from "../deployment.js";
import { checkKnown, type DeploymentSetting } from "../settings.js";
import { type Bucket, CLOUDS, type Cloud, type Platform, type PlatformProvider } from "./platform.js";

const HERE: readonly DeploymentSetting[] = [
  {
    name: "mlflow_bucket",
    meaning: "where artifacts are kept; of a cloud required, else a volume unless given",
  },
  { name: "namespace", meaning: "of Kubernetes; the deployment's name unless given" },
  { name: "hostname", meaning: "where MLflow is reached by HTTPS; inside of the cluster alone unless given" },
  { name: "relay_hostname", meaning: "where daemons outside of the cluster reach a relay" },
  { name: "cluster_issuer", meaning: "of cert-manager, which then makes the certificates" },
  { name: "mlflow_image", meaning: "MLflow's image, of the Containerfile that is written, in your registry" },
  { name: "relay_image", meaning: "Stepwell's image in your registry" },
];

/** Variables of OpenTofu; one that is not given is asked for by tofu. */
export const VARIABLES: Readonly<Record<Cloud, readonly DeploymentSetting[]>> = {
  aws: [
    { name: "region", meaning: "of AWS" },
    { name: "cluster", meaning: "the EKS cluster's name" },
  ],
  gcp: [
    { name: "project", meaning: "of Google Cloud" },
    { name: "region", meaning: "of Google Cloud" },
    { name: "cluster", meaning: "the GKE cluster's name" },
  ],
  azure: [
    { name: "resource_group", meaning: "of Azure, where all of it goes" },
    { name: "cluster", meaning: "the AKS cluster's name, in that group" },
    { name: "subnet_id", meaning: "a subnet delegated to PostgreSQL flexible servers" },
    { name: "private_dns_zone_id", meaning: "a private DNS zone that ends with postgres.database.azure.com" },
  ],
};

const SCHEMES: Readonly<Record<Cloud, RegExp>> = {
  aws: /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(\/\S*)?$/,
  gcp: /^gs:\/\/([a-z0-9][a-z0-9._-]{1,61}[a-z0-9])(\/\S*)?$/,
  azure:
    /^(?:abfss|wasbs):\/\/([a-z0-9][a-z0-9-]{1,61}[a-z0-9])@([a-z0-9]{3,24})\.(?:dfs|blob)\.core\.windows\.net(\/\S*)?$/,
};
const BUCKET_EXAMPLES: Readonly<Record<Cloud, string>> = {
  aws: "s3://BUCKET",
  gcp: "gs://BUCKET",
  azure: "abfss://CONTAINER@ACCOUNT.dfs.core.windows.net",
};
/** All that goes into the files as it is. */
const SHAPES: Readonly<Record<string, RegExp>> = {
  namespace: /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
  hostname: /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/,
  relay_hostname: /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/,
  cluster_issuer: /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/,
  mlflow_image: /^[a-z0-9][\w./:@-]{0,254}$/,
  relay_image: /^[a-z0-9][\w./:@-]{0,254}$/,
};
const VARIABLE = /^[\w./-]{1,512}$/;

/** The settings of a provider, for its help. */
export function platformSettings(provider: PlatformProvider): readonly DeploymentSetting[] {
  return [...HERE, ...(isCloud(provider) ? VARIABLES[provider] : [])];
}

/** A platform of a deployment. Throws STEPWELL_DEPLOYMENT_INVALID. */
export function platformOf({ name, provider, settings }: Deployment): Platform {
  if (provider === "local") throw new StepwellError("STEPWELL_INTERNAL", "This machine is no platform.");
  checkKnown(platformSettings(provider), settings);
  for (const [key, shape] of Object.entries(SHAPES)) {
    const value = settings[key];
    if (value !== undefined && !shape.test(value)) throw invalid(`${key} can't be ${JSON.stringify(value)}.`);
  }
  const label = name.toLowerCase().replaceAll("_", "-");
  return {
    ...{ name, provider, label },
    namespace: settings["namespace"] ?? label,
    bucket: bucketOf(provider, settings["mlflow_bucket"]),
    hostname: settings["hostname"],
    relayHostname: settings["relay_hostname"],
    clusterIssuer: settings["cluster_issuer"],
    mlflowImage: settings["mlflow_image"] ?? `stepwell-mlflow:${MLFLOW_VERSION}`,
    relayImage: settings["relay_image"] ?? `stepwell:${VERSION}`,
    mlflowVersion: MLFLOW_VERSION,
    stepwellVersion: VERSION,
    variables: variablesOf(provider, settings),
  };
}

function variablesOf(
  provider: PlatformProvider,
  settings: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const names = isCloud(provider) ? VARIABLES[provider].map(({ name }) => name) : [];
  const given = names.flatMap((name) =>
    settings[name] === undefined ? [] : [[name, settings[name]] as const],
  );
  const wrong = given.find(([, value]) => !VARIABLE.test(value))?.[0];
  if (wrong !== undefined) throw invalid(`${wrong} is letters, digits, _ . / or -.`);
  return Object.fromEntries(given);
}

function bucketOf(provider: PlatformProvider, uri: string | undefined): Bucket | undefined {
  const example = isCloud(provider) ? BUCKET_EXAMPLES[provider] : "s3://BUCKET, gs://BUCKET or abfss://";
  if (uri === undefined && !isCloud(provider)) return undefined;
  if (uri === undefined)
    throw invalid(`Give the bucket for artifacts, which is made: -x mlflow_bucket=${example}.`);
  const clouds = isCloud(provider) ? [provider] : CLOUDS;
  for (const cloud of clouds) {
    const [, name, more] = SCHEMES[cloud].exec(uri) ?? [];
    if (name !== undefined) return { uri, name, account: cloud === "azure" ? (more ?? "") : "" };
  }
  throw invalid(`mlflow_bucket is ${example} with --provider=${provider}, and not ${JSON.stringify(uri)}.`);
}

function isCloud(provider: PlatformProvider): provider is Cloud {
  return CLOUDS.some((each) => each === provider);
}

function invalid(sentence: string): StepwellError {
  return new StepwellError("STEPWELL_DEPLOYMENT_INVALID", sentence);
}
