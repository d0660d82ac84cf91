/** Where a run's entries go: a backend's address, with no credential in it. */
export type Backend = SqliteBackend | SpoolBackend | CredentialedBackend;

/** A backend that is opened with its tracker's settings. */
export type CredentialedBackend = ServerBackend | RelayBackend | PostgresBackend;

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

/** A relay, or the address behind which there are several, which brings packs to the backend beside it. */
export interface RelayBackend {
  readonly kind: "relay";
  /** The tracker whose credentials open it. */
  readonly trackerId: string;
  /** grpcs://HOST:PORT, or grpc://HOST:PORT on this machine. */
  readonly uri: string;
  /** The tracker's settings when the run began; credentials are references in it. */
  readonly settings: Readonly<Record<string, string>>;
}

/** MLflow's PostgreSQL database, which the daemon writes itself. */
export interface PostgresBackend {
  readonly kind: "postgres";
  /** The tracker whose credentials open it. */
  readonly trackerId: string;
  /** postgresql://USER@HOST:PORT/DATABASE; no password in it. */
  readonly uri: string;
  /** The tracker's settings when the run began; credentials are references in it. */
  readonly settings: Readonly<Record<string, string>>;
}

/** A folder that a machine with a route reads: bundles wait in it, and receipts come back. */
export interface SpoolBackend {
  readonly kind: "spool";
  /** Each has its own: what a receipt says is of one. */
  readonly trackerId: string;
  /** Absolute path of the folder. */
  readonly folder: string;
}

/** One tracker of a run, with its backend as it was when the run began. */
export interface Target {
  /** The tracker's id, 32 hexadecimal digits. */
  readonly trackerId: string;
  /** The tracker's name when the run began. */
  readonly tracker: string;
  readonly backend: Backend;
}

/** What a backend is to whoever only carries or shows it. What is done with one stands in sinks/drivers.ts. */
export interface BackendFacts {
  /** One for each backend; servers are apart by tracker, because each has its own credentials. */
  readonly key: string;
  /** Its address as MLflow takes it for its tracking URI. */
  readonly trackingUri: string;
  /** Under what the ids of its runs are kept; those of a file are the same by whichever tracker. */
  readonly runsKey: string;
  /** Whether a run has our id there; servers give ids of their own, and behind a relay may be one. */
  readonly keepsOurIds: boolean;
  /** Whether it carries out what is no entry, as a data set of a run, in the run's order; a store takes entries alone. */
  readonly isServer: boolean;
  /** Path of the file of this machine that it is, if it is one. */
  readonly file: string | undefined;
  /** Path of the folder of that file's artifacts. */
  readonly artifactRoot: string | undefined;
  /** The folder of its logged models' artifacts, below their experiment's. */
  readonly modelsFolder: string;
}

/** The only branch on a backend's kind outside of its driver: a new kind says here what it is. */
export function factsOf(backend: Backend): BackendFacts {
  switch (backend.kind) {
    case "sqlite": {
      const { databasePath: file, artifactRoot } = backend;
      const key = `sqlite:${file}`;
      const ofFile = { keepsOurIds: true, isServer: false, file, artifactRoot, modelsFolder: "models" };
      return { key, trackingUri: `sqlite:///${file}`, runsKey: file, ...ofFile };
    }
    case "relay":
    case "postgres": {
      const { kind, trackerId, uri } = backend;
      const keepsOurIds = kind === "postgres";
      const ofStore = { keepsOurIds, isServer: false, file: undefined, artifactRoot: undefined };
      const key = `${kind}:${trackerId}:${uri}`;
      return { key, trackingUri: uri, runsKey: trackerId, ...ofStore, modelsFolder: "models" };
    }
    case "spool": {
      const { trackerId, folder } = backend;
      const ofSpool = { keepsOurIds: true, isServer: false, file: undefined, artifactRoot: undefined };
      const trackingUri = `spool+file://${folder}`;
      return {
        key: `spool:${trackerId}:${folder}`,
        trackingUri,
        runsKey: trackerId,
        ...ofSpool,
        modelsFolder: "models",
      };
    }
    case "rest":
    case "databricks": {
      const { kind, trackerId, uri } = backend;
      const key = `${kind}:${trackerId}:${uri}`;
      const ofServer = { keepsOurIds: false, isServer: true, file: undefined, artifactRoot: undefined };
      const modelsFolder = kind === "databricks" ? "logged_models" : "models";
      return { key, trackingUri: uri, runsKey: trackerId, ...ofServer, modelsFolder };
    }
  }
}

export function backendKey(backend: Backend): string {
  return factsOf(backend).key;
}

export function trackingUri(backend: Backend): string {
  return factsOf(backend).trackingUri;
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

/** What is known of a logged model that the daemon began, at the server that gives it another id. */
export type BackendModel = BegunOf &
  (
    | /** A program has its id; the lane of its run has yet to make it. */ { readonly kind: "begun" }
    /** The server was, or is about to be, asked to make it; whether it did is not known. */
    | { readonly kind: "asked"; readonly experimentId: string }
    | {
        readonly kind: "known";
        readonly modelIdThere: string;
        readonly experimentId: string;
        /** Whether its params and tags have still to be set: it was not made with them. */
        readonly isBare?: boolean;
      }
  );

interface BegunOf {
  /** Our id of the run whose lane makes it. */
  readonly runId: string;
  /** In milliseconds since 1970. */
  readonly begunMs: number;
}
