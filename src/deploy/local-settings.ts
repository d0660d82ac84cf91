/** What -x may set of a deployment on this machine. */
import { StepwellError } from "../errors/stepwell-error.js";
import { checkKnown, type DeploymentSetting } from "./settings.js";

export const LOCAL_SETTINGS: readonly DeploymentSetting[] = [
  { name: "port", meaning: "where MLflow listens on 127.0.0.1; 5000 or the next that is free" },
  {
    name: "database",
    meaning: "sqlite, or postgresql with a relay beside it, which daemons deliver to; sqlite unless given",
  },
  { name: "relay_port", meaning: "where the relay listens on 127.0.0.1; 7443 or the next that is free" },
  { name: "postgres_bin", meaning: "the folder of PostgreSQL's programs, for one of your own" },
  { name: "username", meaning: "MLflow's administrator; admin unless given" },
  {
    name: "mlflow_bucket",
    meaning: "where artifacts are kept: a folder, gs://, s3:// or abfss://; the home unless given",
  },
];

/** Throws STEPWELL_DEPLOYMENT_INVALID where a setting of a local deployment can't be used. */
export function checkLocalSettings(settings: Readonly<Record<string, string>>): void {
  checkKnown(LOCAL_SETTINGS, settings);
  const { database = "sqlite", username, mlflow_bucket: bucket } = settings;
  for (const name of ["port", "relay_port"] as const) {
    const port = settings[name];
    if (port !== undefined && !isPort(port)) throw invalid(`${name} is a number from 1 to 65535.`);
  }
  if (!["sqlite", "postgresql"].includes(database)) throw invalid("database is sqlite or postgresql.");
  const other = ["relay_port", "postgres_bin"].find((name) => settings[name] !== undefined);
  if (other !== undefined && database !== "postgresql") throw invalid(`${other} is for database=postgresql.`);
  if (username !== undefined && !/^[\w.@-]{1,100}$/.test(username))
    throw invalid("username is up to 100 letters, digits, _ . @ or -.");
  if (bucket !== undefined && !/^(gs|s3|abfss|wasbs):\/\/[^/\s]+|^\//.test(bucket))
    throw invalid("mlflow_bucket is an absolute path, or begins with gs://, s3://, abfss:// or wasbs://.");
}

/** What a bucket needs in MLflow's environment: the module that is imported and its package; undefined for a folder. */
export function bucketPackage(
  bucket: string,
): { readonly module: string; readonly name: string } | undefined {
  if (bucket.startsWith("gs://")) return { module: "google.cloud.storage", name: "google-cloud-storage" };
  if (bucket.startsWith("s3://")) return { module: "boto3", name: "boto3" };
  if (/^(abfss|wasbs):/.test(bucket))
    return {
      module: "azure.storage.blob",
      name: "azure-storage-blob azure-storage-file-datalake azure-identity",
    };
  return undefined;
}

function invalid(sentence: string): StepwellError {
  return new StepwellError("STEPWELL_DEPLOYMENT_INVALID", sentence);
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}
