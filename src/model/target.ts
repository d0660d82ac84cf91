/** Where a run's entries go: a backend's address, with no credential in it. */
export type Backend = SqliteBackend | ServerBackend;

/** An MLflow database in a file, which the daemon writes itself. */
export interface SqliteBackend {
  readonly kind: "sqlite";
  /** Absolute path of the SQLite file. */
  readonly databasePath: string;
  /** Absolute path of the folder that MLflow puts artifacts in. */
  readonly artifactRoot: string;
}

/** A server that speaks MLflow's REST API; "databricks" appends what it is sent twice. */
export interface ServerBackend {
  readonly kind: "rest" | "databricks";
  /** The tracker whose credentials open it. */
  readonly trackerId: string;
  /** As MLflow takes it: https://HOST/PREFIX, databricks or databricks://PROFILE; no user in it. */
  readonly uri: string;
  /** The tracker's settings when the run began; credentials are references in it. */
  readonly settings: Readonly<Record<string, string>>;
}

/** One tracker of a run, with its backend as it was when the run began. */
export interface Target {
  /** The tracker's id, 32 hexadecimal digits. */
  readonly trackerId: string;
  /** The tracker's name when the run began. */
  readonly tracker: string;
  readonly backend: Backend;
}

/** One key for each backend; servers are apart by tracker, because each has its own credentials. */
export function backendKey(backend: Backend): string {
  return backend.kind === "sqlite"
    ? `sqlite:${backend.databasePath}`
    : `${backend.kind}:${backend.trackerId}:${backend.uri}`;
}

/** The backend's address as MLflow takes it for its tracking URI. */
export function trackingUri(backend: Backend): string {
  return backend.kind === "sqlite" ? `sqlite:///${backend.databasePath}` : backend.uri;
}

/** What is known of a run at a backend that gives runs its own ids. */
export type BackendRun =
  /** The backend was, or is about to be, asked to make it; whether it did is not known. */
  | { readonly kind: "asked"; readonly experimentId: string }
  | {
      readonly kind: "known";
      readonly mlflowRunId: string;
      readonly experimentId: string;
      /** The page that shows the run. */
      readonly url: string;
      /** Whether its start's tags, its name among them, have still to be set: it was not made with them. */
      readonly isBare?: boolean;
    };
