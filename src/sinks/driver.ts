/**
 * What the daemon does with a backend. Each kind has one driver, in its sink's folder, and a line in drivers.ts.
 */
import type { WorkspaceRates } from "../mlflow/rate.js";
import type { Server } from "../mlflow/server.js";
import type { Clock } from "../model/clock.js";
import type { HomeCheck } from "../model/home-check.js";
import type { Log } from "../model/log.js";
import type { Backend, CredentialedBackend, ServerBackend } from "../model/target.js";
import type { ModelIds } from "./model-ids.js";
import type { RunIds } from "./run-ids.js";
import type { Sink } from "./sink.js";
import type { StoreMemory } from "./store-memory.js";

/** What drivers need of the daemon. */
export interface DriverParts {
  /** The home's folder. */
  readonly home: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly runIds: (backend: Backend) => RunIds;
  readonly modelIds: (backend: Backend) => ModelIds;
  readonly memory: (backend: Backend) => StoreMemory;
  /** Its tracker's settings with the secrets in place, at the moment of the call. */
  readonly settings: (backend: CredentialedBackend) => Promise<Readonly<Record<string, string>>>;
  /** The same as they are registered, without any secret. */
  readonly registered: (backend: CredentialedBackend) => Readonly<Record<string, string>>;
  /** The text of Databricks' file of profiles; empty where there is none. */
  readonly profileFile: () => string;
  readonly rates: WorkspaceRates;
  /** The names of the starts of the home's daemon, this one last. */
  readonly incarnations: () => readonly string[];
  /** What the backend's lanes wait for may be there: they ask at once. */
  readonly askAgain: (backend: Backend) => void;
  /** Told what a server says of its version. */
  readonly onVersion: (backend: ServerBackend, version: string) => void;
}

export interface Driver {
  /** The backend's sink. It touches nothing before its first use. */
  readonly open: (parts: DriverParts) => Sink;
  /** Asks whether runs can go there. Never rejects. */
  readonly check: (parts: DriverParts) => Promise<HomeCheck[]>;
  /** What anybody on this machine can see of it, with no daemon; undefined where only a daemon can ask. */
  readonly look: ((check: string) => Promise<HomeCheck>) | undefined;
  /** The server that speaks MLflow's API there; undefined for a store without one. */
  readonly server: ((parts: DriverParts) => Server) | undefined;
}
