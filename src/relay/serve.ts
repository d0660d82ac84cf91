/** A relay's process: what it is told, made into a server before a store. */
import { readFileSync } from "node:fs";
import { ServerCredentials } from "@grpc/grpc-js";
import { StepwellError } from "../errors/stepwell-error.js";
import type { RelayConfig } from "../home/config.js";
import type { Clock } from "../model/clock.js";
import type { Log } from "../model/log.js";
import { readPostgresUri } from "../model/postgres-address.js";
import { OPEN_ACCESS, tokenAccess } from "./access.js";
import { databasePassword } from "./database-password.js";
import { readListenAddress, refuseExposure } from "./listen-address.js";
import { PostgresRelayStore } from "./postgres-relay-store.js";
import { makeRelayServer, type RelayServer } from "./relay-server.js";
import type { RelayStore } from "./store.js";

/** What it is given beside its configuration. */
export interface ServeParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

export interface ServedRelay {
  readonly server: RelayServer;
  /** HOST:PORT. */
  readonly address: string;
}

/** Resolves once it takes streams. Throws STEPWELL_USAGE, STEPWELL_CONFIG_INVALID, STEPWELL_TLS_FAILED or STEPWELL_PORT_TAKEN. */
export async function serveRelay(config: RelayConfig, parts: ServeParts): Promise<ServedRelay> {
  const { tokenFile, clientCa, streamAgeMs } = config;
  const listen = readListenAddress(config.listen);
  const hasTls = config.tlsCert !== undefined;
  refuseExposure(listen, { hasTls, hasIdentity: tokenFile !== undefined || clientCa !== undefined });
  const credentials = credentialsOf(config);
  const access = tokenFile === undefined ? OPEN_ACCESS : tokenAccess(tokenFile);
  const server = makeRelayServer({
    ...{ ...parts, access, credentials, store: storeOf(config, parts.clock) },
    ...(streamAgeMs === undefined ? {} : { streamAgeMs }),
  });
  const port = await server.listen(`${listen.host}:${listen.port}`).catch(async (cause: unknown) => {
    await server.close();
    throw new StepwellError("STEPWELL_PORT_TAKEN", `The relay can't listen at ${config.listen}.`, { cause });
  });
  return { server, address: `${listen.host}:${port}` };
}

function storeOf({ database, artifactRoot, ...config }: RelayConfig, clock: Clock): RelayStore {
  if (database === undefined) throw new StepwellError("STEPWELL_USAGE", "Give --database or --upstream.");
  const address = readPostgresUri(database);
  if ("reason" in address) throw new StepwellError("STEPWELL_USAGE", address.reason);
  const { pgPassword, pgPassFile, databasePasswordFile: passwordFile } = config;
  const user = address.user || config.pgUser;
  const sources = { passwordFile, pgPassword, pgPassFile };
  return new PostgresRelayStore({
    ...{ address, clock, artifactRoot },
    credentials: async () => ({
      user,
      password: address.password || databasePassword(sources, address, user),
    }),
  });
}

function credentialsOf({ tlsCert, tlsKey, clientCa }: RelayConfig): ServerCredentials {
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new StepwellError("STEPWELL_USAGE", "--tls-cert and --tls-key go together.");
  if (tlsCert === undefined || tlsKey === undefined) {
    if (clientCa !== undefined)
      throw new StepwellError(
        "STEPWELL_USAGE",
        "--client-ca asks for certificates, which only TLS carries: give --tls-cert and --tls-key.",
      );
    return ServerCredentials.createInsecure();
  }
  const roots = clientCa === undefined ? null : readPem(clientCa);
  const pair = { cert_chain: readPem(tlsCert), private_key: readPem(tlsKey) };
  try {
    return ServerCredentials.createSsl(roots, [pair], roots !== null);
  } catch (cause) {
    throw new StepwellError("STEPWELL_TLS_FAILED", `The certificate ${tlsCert} can't be used.`, { cause });
  }
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new StepwellError("STEPWELL_TLS_FAILED", `The file ${path} can't be read.`, { cause });
  }
}
