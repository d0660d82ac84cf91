import { Server, type ServerOptions } from "../../mlflow/server.js";
import { checkServer } from "../../mlflow/server-check.js";
import type { ServerBackend } from "../../model/target.js";
import type { Driver, DriverParts } from "../driver.js";
import { openRestSink } from "./rest-sink.js";

/** A server, asked with the settings of the moment. Nobody but a daemon has what it is asked with. */
export function serverDriver(backend: ServerBackend): Driver {
  return {
    open: (parts) =>
      openRestSink({
        ...optionsOf(backend, parts),
        runIds: parts.runIds(backend),
        modelIds: parts.modelIds(backend),
        log: parts.log,
      }),
    check: (parts) => checkServer(optionsOf(backend, parts)),
    look: undefined,
    server: (parts) => new Server(optionsOf(backend, parts)),
  };
}

function optionsOf(
  backend: ServerBackend,
  { settings, profileFile, rates, clock, onVersion }: DriverParts,
): ServerOptions {
  return {
    ...{ backend, profileFile, rates, clock },
    settings: () => settings(backend),
    onVersion: (version) => onVersion(backend, version),
  };
}
