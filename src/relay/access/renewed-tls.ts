/**
 * The relay's certificate and key, and the authorities of its callers' certificates: read again when their files
 * change, and good for each connection from then on. A key that does not belong to the certificate, as between the
 * two writes of a renewal, changes nothing.
 */
import { readFileSync } from "node:fs";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { ServerCredentials } from "@grpc/grpc-js";
import { StepwellError } from "../../errors/stepwell-error.js";
import type { Log } from "../../model/log.js";
import { WatchedFiles } from "./watched-files.js";

export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** Undefined: nobody is asked for a certificate. */
  readonly clientCa: string | undefined;
  /** Whether somebody without a certificate may connect, and show something else. */
  readonly isOptional: boolean;
  readonly log: Log;
}

export class RenewedTls extends ServerCredentials {
  readonly #files: WatchedFiles;

  /** Throws STEPWELL_TLS_FAILED for files that can't be used. */
  constructor(files: TlsFiles) {
    const { cert, key, clientCa, isOptional, log } = files;
    const hasClients = clientCa !== undefined;
    // Without ciphers of its own, TLS takes Node's, which leave out what is weak.
    super({ requestCert: hasClients, rejectUnauthorized: hasClients && !isOptional }, readTls(files));
    const paths = [cert, key, ...(clientCa === undefined ? [] : [clientCa])];
    const read = () => this.updateSecureContextOptions(readTls(files));
    this.#files = new WatchedFiles({ paths, what: "the relay's certificate", log, read });
  }

  watch(): void {
    this.#files.watch();
  }

  /** Looks at the files now. */
  look(): void {
    this.#files.look(true);
  }

  close(): void {
    this.#files.close();
  }

  override _equals(other: ServerCredentials): boolean {
    return other === this;
  }
}

function readTls({ cert, key, clientCa }: TlsFiles): SecureContextOptions {
  const options = {
    cert: [readPem(cert)],
    key: [readPem(key)],
    ...(clientCa === undefined ? {} : { ca: readPem(clientCa) }),
    minVersion: "TLSv1.2" as const,
  };
  try {
    // What does not belong together is found here.
    createSecureContext(options);
    return options;
  } catch (cause) {
    throw new StepwellError(
      "STEPWELL_TLS_FAILED",
      `The certificate ${cert} can't be used with the key ${key}.`,
      {
        cause,
      },
    );
  }
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new StepwellError("STEPWELL_TLS_FAILED", `The file ${path} can't be read.`, { cause });
  }
}
