/** Finds the host of a database that can be written to, and opens a connection to it. */
import { isIP } from "node:net";
import { isAbsolute } from "node:path";
import type { ConnectionOptions as TlsOptions } from "node:tls";
import type { ClientConfig } from "pg";
import { StepwellError } from "../../errors/stepwell-error.js";
import { readPlainSync } from "../../home/plain-file.js";
import { lookups } from "../../mlflow/lookup.js";
import type { PostgresAddress, PostgresHost } from "../../model/postgres-address.js";
import { Connection } from "./connection.js";
import { faultOf } from "./faults.js";

/** Who the database is asked as. */
export interface PostgresCredentials {
  readonly user: string;
  /** Empty: none. */
  readonly password: string;
}

export interface OpenOptions {
  readonly address: PostgresAddress;
  /** Asked for each connection, so that renewed ones are used. */
  readonly credentials: () => Promise<PostgresCredentials>;
  readonly answerMsMax: number;
  readonly connectMsMax: number;
}

/** Throws what the last of the hosts was told, or STEPWELL_DATABASE_READ_ONLY where it is a standby. */
export async function openConnection(options: OpenOptions): Promise<Connection> {
  const { user, password } = await options.credentials();
  let fault: StepwellError | undefined;
  for (const place of options.address.hosts) {
    try {
      for (const address of await addressesOf(place)) {
        try {
          return await openAt(options, place, { host: address, user, password: () => password });
        } catch (error) {
          fault = faultOf(error, nameOf(options.address, place));
        }
      }
    } catch (error) {
      fault = faultOf(error, nameOf(options.address, place));
    }
  }
  throw fault ?? new StepwellError("STEPWELL_SERVER_UNREACHABLE", "The database has no host.");
}

async function openAt(
  { address, answerMsMax, connectMsMax }: OpenOptions,
  place: PostgresHost,
  config: ClientConfig,
): Promise<Connection> {
  const database = nameOf(address, place);
  const connection = await Connection.open({
    config: {
      ...config,
      port: place.port,
      database: address.database,
      ssl: tlsOf(address, place),
      application_name: "stepwell",
      connectionTimeoutMillis: connectMsMax,
      keepAlive: true,
    },
    ...{ database, answerMsMax },
  });
  try {
    const [found] = await connection.exec(
      "SELECT pg_is_in_recovery(), current_setting('transaction_read_only')",
    );
    refuseStandby(database, found?.[0] === "t", found?.[1] === "on");
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** Throws STEPWELL_DATABASE_READ_ONLY: a standby answers what is read, and nothing may be told by it. */
export function refuseStandby(database: string, isInRecovery: boolean, isReadOnly: boolean): void {
  if (!isInRecovery && !isReadOnly) return;
  const what = isInRecovery ? "is a standby" : "can only be read";
  throw new StepwellError("STEPWELL_DATABASE_READ_ONLY", `${database} ${what}.`);
}

function nameOf({ database }: PostgresAddress, { host, port }: PostgresHost): string {
  return `The database ${database} at ${isAbsolute(host) ? host : `${host}:${port}`}`;
}

async function addressesOf({ host }: PostgresHost): Promise<string[]> {
  if (isAbsolute(host)) return [host];
  return await new Promise((resolve, reject) => {
    lookups.find(host, { all: true }, (error, found) => {
      if (error) reject(error);
      else resolve(typeof found === "string" ? [found] : found.map(({ address }) => address));
    });
  });
}

function tlsOf(address: PostgresAddress, { host }: PostgresHost): false | TlsOptions {
  const { sslMode, rootCertPath, clientCertPath, clientKeyPath } = address;
  if (sslMode === "disable" || isAbsolute(host)) return false;
  // The key may stand in the certificate's file.
  const keyPath = clientKeyPath === "" ? clientCertPath : clientKeyPath;
  // As libpq: where an authority is named, it is asked.
  const isAnyTaken = sslMode === "require" && rootCertPath === "";
  return {
    rejectUnauthorized: !isAnyTaken,
    ...(isIP(host) ? {} : { servername: host }),
    ...(rootCertPath === "" ? {} : { ca: readPem(rootCertPath) }),
    ...(clientCertPath === "" ? {} : { cert: readPem(clientCertPath), key: readPem(keyPath) }),
    ...(sslMode === "verify-full" ? {} : { checkServerIdentity: () => undefined }),
  };
}

function readPem(path: string): string {
  try {
    return readPlainSync(path);
  } catch (cause) {
    throw new StepwellError("STEPWELL_TLS_FAILED", `The certificate ${path} can't be read.`, { cause });
  }
}
