/**
 * MLflow's server of a local store, for as long as somebody needs it: started with the first use, ended when it was not
 * used for a while, started anew where it ended by itself.
 */
import { randomBytes } from "node:crypto";
import { StepwellError } from "../../errors/stepwell-error.js";
import type { Environment, HomePaths } from "../../home/endpoint.js";
import type { Log } from "../../model/log.js";
import { findMlflow } from "./find-mlflow.js";
import { type ServingChild, serveChild } from "./serve-child.js";

export interface ManagedServerOptions {
  readonly paths: HomePaths;
  /** The environment of the process. */
  readonly env: Environment;
  readonly databasePath: string;
  readonly artifactRoot: string;
  /** How long it stays when nobody uses it. */
  readonly idleMs: number;
  readonly log: Log;
}

/** One use of it. It does not end before the use is over. */
export interface Use {
  readonly url: string;
  /** What it has to be asked with, as a bearer's token. */
  readonly secret: string;
  /** Ends the use; once. */
  readonly end: () => void;
}

interface Guarded {
  readonly child: ServingChild;
  readonly secret: string;
}

interface Served {
  readonly guarded: Promise<Guarded>;
  users: number;
  idle: NodeJS.Timeout | undefined;
}

export class ManagedServer {
  readonly #options: ManagedServerOptions;
  #served: Served | undefined;
  #isClosed = false;

  constructor(options: ManagedServerOptions) {
    this.#options = options;
  }

  /** Resolves when it answers. Rejects with STEPWELL_INTEGRATION_MISSING or STEPWELL_INTEGRATION_FAILED. */
  async use(): Promise<Use> {
    if (this.#isClosed) throw new StepwellError("STEPWELL_INTEGRATION_FAILED", "The daemon ends.");
    this.#served ??= { guarded: this.#start(), users: 0, idle: undefined };
    const served = this.#served;
    served.users++;
    clearTimeout(served.idle);
    try {
      const { child, secret } = await served.guarded;
      return { url: await child.url, secret, end: () => this.#leave(served) };
    } catch (error) {
      if (this.#served === served) this.#served = undefined;
      this.#leave(served);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#served) await this.#end(this.#served);
  }

  async #start(): Promise<Guarded> {
    const { paths, env, databasePath, artifactRoot, log } = this.#options;
    const found = await findMlflow(paths, env);
    if (!found)
      throw new StepwellError(
        "STEPWELL_INTEGRATION_MISSING",
        "The model registry, traces and pages of a local tracker need MLflow, and this home has none.",
      );
    const secret = randomBytes(24).toString("hex");
    const child = serveChild({
      secret,
      databasePath,
      artifactRoot,
      env,
      interpreter: found.interpreter,
      folder: paths.home,
    });
    log("info", "an MLflow server of a local store is started", {
      version: found.version,
      databasePath,
      pid: child.pid,
    });
    child.url.then(
      (url) => log("info", "an MLflow server of a local store answers", { url, databasePath }),
      // Whoever waits for it is told.
      () => undefined,
    );
    const served = this.#served;
    void child.ended.then(() => {
      clearTimeout(served?.idle);
      if (this.#served === served) this.#served = undefined;
      log("info", "an MLflow server of a local store ended", { databasePath });
    });
    return { child, secret };
  }

  #leave(served: Served): void {
    served.users--;
    if (served.users > 0 || this.#served !== served) return;
    served.idle = setTimeout(() => void this.#end(served), this.#options.idleMs);
    // The daemon's end does not wait for it.
    served.idle.unref();
  }

  async #end(served: Served): Promise<void> {
    clearTimeout(served.idle);
    if (this.#served === served) this.#served = undefined;
    const guarded = await served.guarded.catch(() => undefined);
    guarded?.child.end();
    await guarded?.child.ended;
  }
}
