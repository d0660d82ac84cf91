/** Which servers a deployment on this machine has, in the order in which they begin. */
import { join } from "node:path";
import type { Environment } from "../home/endpoint.js";
import type { Deployment } from "./deployment.js";
import { mlflowPart } from "./mlflow-part.js";
import type { Part } from "./part.js";
import { postgresPart, postgresUri } from "./postgres-part.js";
import { relayPart } from "./relay-part.js";

/** What the supervisor is told by its standard input. */
export interface Told {
  readonly username: string;
  readonly password: string;
  /** A Python with MLflow. */
  readonly interpreter: string;
  /** With PostgreSQL only; else empty. */
  readonly relayToken: string;
  readonly postgresPrograms: string;
}

export interface LocalOptions extends Told {
  readonly deployment: Deployment;
  readonly folder: string;
  readonly env: Environment;
  /** What runs Stepwell's command. */
  readonly program: readonly string[];
  /** Where PostgreSQL's socket is. */
  readonly socketFolder: string;
  readonly log: (name: string, line: string) => void;
}

/** Whether it has a PostgreSQL, with a relay beside it. */
export function hasPostgres({ settings }: Pick<Deployment, "settings">): boolean {
  return settings["database"] === "postgresql";
}

/** The servers, each of which begins once the one before it answers. */
export function partsOf(options: LocalOptions): Part[] {
  const { deployment, folder, env, program, socketFolder } = options;
  const { settings } = deployment;
  const withUri = (storeUri: string, usersUri: string): Part =>
    mlflowPart({
      ...{ folder, env, storeUri, usersUri },
      ...{ interpreter: options.interpreter, username: options.username, password: options.password },
      port: Number(settings["port"]),
      artifacts: settings["mlflow_bucket"] ?? join(folder, "artifacts"),
    });
  if (!hasPostgres(deployment))
    return [withUri(`sqlite:///${join(folder, "mlflow.db")}`, `sqlite:///${join(folder, "users.db")}`)];
  const uri = postgresUri("postgresql+psycopg2", socketFolder);
  const log = (line: string) => options.log("postgresql", line);
  return [
    postgresPart({ folder, env, socketFolder, log, programs: options.postgresPrograms }),
    // MLflow's users have tables of their own in it.
    withUri(uri, uri),
    relayPart({
      ...{ folder, env, program },
      port: Number(settings["relay_port"]),
      database: postgresUri("postgresql", socketFolder),
      token: options.relayToken,
    }),
  ];
}
