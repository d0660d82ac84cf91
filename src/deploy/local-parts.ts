/** Which servers a deployment on this machine has, in the order in which they begin. */
import { join } from "node:path";
import type { Environment } from "../home/endpoint.js";
import type { Deployment } from "./deployment.js";
import { type MlflowPartOptions, mlflowPart } from "./mlflow-part.js";
import type { Part } from "./part.js";

export interface LocalOptions {
  readonly deployment: Deployment;
  readonly folder: string;
  readonly env: Environment;
  readonly interpreter: string;
  readonly username: string;
  readonly password: string;
}

/** The servers, each of which begins once the one before it answers. */
export function partsOf({ deployment, folder, env, ...told }: LocalOptions): Part[] {
  const { settings } = deployment;
  const common = {
    ...{ folder, env, ...told },
    port: Number(settings["port"]),
    artifacts: settings["mlflow_bucket"] ?? join(folder, "artifacts"),
  };
  return [mlflowPart({ ...common, ...sqliteUris(folder) })];
}

function sqliteUris(folder: string): Pick<MlflowPartOptions, "storeUri" | "usersUri"> {
  return {
    storeUri: `sqlite:///${join(folder, "mlflow.db")}`,
    usersUri: `sqlite:///${join(folder, "users.db")}`,
  };
}
