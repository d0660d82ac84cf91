/** A relay's process: what it is told, made into a server before a store. */
import { ServerCredentials } from "@grpc/grpc-js";
import { StepwellError } from "../errors/stepwell-error.js";
import type { RelayConfig } from "../home/config.js";
import type { ShownMetrics } from "../metrics/start.js";
import type { Clock } from "../model/clock.js";
import type { Log } from "../model/log.js";
import { readPostgresUri } from "../model/postgres-address.js";
import { serverAddress } from "../stacks/tracking-uri.js";
import { Access } from "./access/access.js";
import { RenewedTls } from "./access/renewed-tls.js";
import { databasePassword } from "./database-password.js";
import { readListenAddress, refuseExposure } from "./listen-address.js";
import { PostgresRelayStore } from "./postgres-relay-store.js";
import { makeRelayServer, type RelayServer } from "./relay-server.js";
import { RestRelayStore } from "./rest-relay-store.js";
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
  /** Asks all streams to go elsewhere, waits for them, and ends. */
  readonly close: () => Promise<void>;
  /** Reads certificates, tokens and settings again. */
  readonly renew: () => void;
}

/** Resolves once it takes streams. Throws STEPWELL_USAGE, STEPWELL_CONFIG_INVALID, STEPWELL_TLS_FAILED or STEPWELL_PORT_TAKEN. */
export async function serveRelay(config: RelayConfig, parts: ServeParts): Promise<ServedRelay> {
  const { tokenFile, clientCa, access: settingsFile, streamAgeMs } = config;
  const { clock, log } = parts;
  const listen = readListenAddress(config.listen);
  const hasTls = config.tlsCert !== undefined;
  const hasIdentity = [tokenFile, clientCa, settingsFile].some((file) => file !== undefined);
  refuseExposure(listen, { hasTls, hasIdentity });
  const tls = tlsOf(config, log);
  const hasCertificates = clientCa !== undefined;
  const access = new Access({ tokenFile, settingsFile, hasCertificates, clock, log });
  const server = makeRelayServer({
    ...{ ...parts, access, credentials: tls ?? ServerCredentials.createInsecure() },
    store: storeOf(config, parts),
    ...(streamAgeMs === undefined ? {} : { streamAgeMs }),
  });
  const port = await server.listen(`${listen.host}:${listen.port}`).catch(async (cause: unknown) => {
    await server.close();
    throw new StepwellError("STEPWELL_PORT_TAKEN", `The relay can't listen at ${config.listen}.`, { cause });
  });
  access.watch();
  tls?.watch();
  const shown = await showMetrics(config, parts, server);
  const renew = () => {
    access.look();
    tls?.look();
  };
  const close = async () => {
    await server.close();
    await shown?.close();
  };
  return { server, address: `${listen.host}:${port}`, renew, close };
}

/** Shows its metrics where it was told to. */
async function showMetrics(
  { metrics }: RelayConfig,
  { clock, log }: ServeParts,
  server: RelayServer,
): Promise<ShownMetrics | undefined> {
  if (!metrics) return undefined;
  const { showRelay } = await import("../metrics/start.js");
  const snapshot = () => server.snapshot();
  const options = { config: metrics, instanceId: server.relayId, snapshot, clock, log };
  return await showRelay(options).catch(async (cause: unknown) => {
    await server.close();
    const { host = "", port = 0 } = metrics.listen ?? {};
    const sentence = `The relay's metrics can't be at ${host}:${port}.`;
    throw new StepwellError("STEPWELL_PORT_TAKEN", sentence, { cause });
  });
}

function storeOf({ database, artifactRoot, ...config }: RelayConfig, { clock, log }: ServeParts): RelayStore {
  if (database === undefined) {
    const url = upstreamUrl(config.upstream ?? "");
    return new RestRelayStore({ url, settings: config.upstreamSettings, clock, log });
  }
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

/** Throws STEPWELL_USAGE for what is no server's address. A relay is none: docs/decisions/0020-relay.md says why. */
function upstreamUrl(given: string): string {
  if (/^grpcs?:/i.test(given))
    throw new StepwellError(
      "STEPWELL_USAGE",
      "A relay stands before a database or an MLflow server, not before another relay.",
      {
        remedy:
          "Where only this machine reaches that relay, forward its port as TCP, as ssh -L and haproxy do: TLS, and who may use it, stay end to end.",
      },
    );
  const url = serverAddress(given);
  if (url !== undefined) return url;
  const sentence = "--upstream is a server's address alone, as in https://host:5000.";
  throw new StepwellError("STEPWELL_USAGE", sentence);
}

/** What TLS is made with; undefined: there is none. */
function tlsOf({ tlsCert, tlsKey, clientCa, access }: RelayConfig, log: Log): RenewedTls | undefined {
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new StepwellError("STEPWELL_USAGE", "--tls-cert and --tls-key go together.");
  if (tlsCert === undefined || tlsKey === undefined) {
    if (clientCa === undefined) return undefined;
    throw new StepwellError(
      "STEPWELL_USAGE",
      "--client-ca asks for certificates, which only TLS carries: give --tls-cert and --tls-key.",
    );
  }
  // Where tenants are told apart, who has no certificate can show a token.
  return new RenewedTls({ cert: tlsCert, key: tlsKey, clientCa, isOptional: access !== undefined, log });
}
