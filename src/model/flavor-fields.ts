/**
 * The settings of every flavor of components: the one table that checks, help, prompts and
 * completion read. What goes together is checked in src/state.
 */

/** One setting of a flavor. */
export interface FlavorField {
  readonly name: string;
  /** A switch is true or false; a map is given as a JSON object. */
  readonly type: "text" | "switch" | "map";
  /** One line for --help. */
  readonly description: string;
  /** A credential: it is kept as a secret, prompts hide it, and answers mask it. */
  readonly isSecret: boolean;
}

const text = (name: string, description: string): FlavorField => ({
  name,
  type: "text",
  description,
  isSecret: false,
});
const secret = (name: string, description: string): FlavorField => ({
  ...text(name, description),
  isSecret: true,
});
const toggle = (name: string, description: string): FlavorField => ({
  ...text(name, description),
  type: "switch",
});

const map = (name: string, description: string): FlavorField => ({ ...text(name, description), type: "map" });

/** The settings of an MLflow experiment tracker. */
export const MLFLOW_FIELDS: readonly FlavorField[] = [
  text("tracking_uri", "where MLflow is; without it a store in the stack's local artifact store"),
  secret("tracking_username", "user for basic authentication; needs tracking_password"),
  secret("tracking_password", "password for basic authentication; needs tracking_username"),
  secret("tracking_token", "bearer token, in place of user and password"),
  text("auth", "none: says that the server is open"),
  toggle("tracking_insecure_tls", "takes any certificate of the server"),
  text("tracking_server_cert_path", "file of certificates to trust, for a server of your own authority"),
  text("tracking_client_cert_path", "file with a client certificate and its key, both as PEM"),
  text("databricks_host", "address of the workspace, with tracking_uri=databricks"),
  secret("databricks_client_id", "service principal's id; needs databricks_client_secret"),
  secret("databricks_client_secret", "service principal's secret; needs databricks_client_id"),
  toggle("enable_unity_catalog", "uses Databricks' Unity Catalog as the model registry"),
  text(
    "default_artifact_root",
    "where the MLflow server in front of a PostgreSQL tracking_uri keeps artifacts; mlflow-artifacts:/ unless given",
  ),
  text("experiment_name", "experiment of runs that name none"),
  toggle("nested", "makes a child run for each step"),
  map("tags", "tags for every run"),
  text("system_metrics", "logs what the machine does to every run: on, off, or every so many seconds"),
];

/** The types of components, with the flavors of each and the settings of each flavor. */
export const FLAVOR_FIELDS = {
  experiment_tracker: { mlflow: MLFLOW_FIELDS },
  artifact_store: {
    local: [text("path", "an absolute folder; without it one in the home")],
    s3: [text("path", "where artifacts are kept: s3://BUCKET/FOLDER")],
    gcs: [text("path", "where artifacts are kept: gs://BUCKET/FOLDER")],
    azure: [text("path", "where artifacts are kept: az://CONTAINER/FOLDER or abfs://CONTAINER/FOLDER")],
  },
  orchestrator: { local: [] },
} as const satisfies Readonly<Record<string, Readonly<Record<string, readonly FlavorField[]>>>>;
