/** Where a run's entries go: a backend's address, with no credential in it. */
export interface Backend {
  readonly kind: "sqlite";
  /** Absolute path of the SQLite file. */
  readonly databasePath: string;
  /** Absolute path of the folder that MLflow puts artifacts in. */
  readonly artifactRoot: string;
}

/** One tracker of a run, with its backend as it was when the run began. */
export interface Target {
  /** The tracker's id, 32 hexadecimal digits. */
  readonly trackerId: string;
  /** The tracker's name when the run began. */
  readonly tracker: string;
  readonly backend: Backend;
}

/** One key for each backend, however many trackers point to it. */
export function backendKey(backend: Backend): string {
  return `${backend.kind}:${backend.databasePath}`;
}

/** The backend's address as MLflow takes it for its tracking URI. */
export function trackingUri(backend: Backend): string {
  return `sqlite:///${backend.databasePath}`;
}
