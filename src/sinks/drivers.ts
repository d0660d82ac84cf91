import type { Backend } from "../model/target.js";
import type { Driver } from "./driver.js";
import { postgresDriver } from "./mlflow-postgres/postgres-driver.js";
import { serverDriver } from "./mlflow-rest/server-driver.js";
import { sqliteDriver } from "./mlflow-sqlite/sqlite-driver.js";
import { relayDriver } from "./relay/relay-driver.js";
import { spoolDriver } from "./spool/spool-driver.js";

/** The driver of a backend. Here, in model/target.ts and where a tracking_uri is read a new kind has to be named. */
export function driverOf(backend: Backend): Driver {
  switch (backend.kind) {
    case "sqlite":
      return sqliteDriver(backend);
    case "postgres":
      return postgresDriver(backend);
    case "relay":
      return relayDriver(backend);
    case "spool":
      return spoolDriver(backend);
    case "rest":
    case "databricks":
      return serverDriver(backend);
  }
}
