/** Certificate files: which CAs are trusted, and which certificate is shown. */
import { statSync } from "node:fs";
import { createSecureContext, type SecureContext } from "node:tls";
import { StepwellError } from "../errors/stepwell-error.js";
import { readPlainSync } from "../home/plain-file.js";

/** How the server's certificate is checked, and ours shown. */
export interface TlsSettings {
  /** PEM file with the CAs to trust in place of the system's; empty: the system's. */
  readonly serverCertPath: string;
  /** PEM file with our certificate and its key; empty: none. */
  readonly clientCertPath: string;
  readonly takesAny: boolean;
}

/** What the files hold, ready for connections. Throws STEPWELL_TLS_FAILED for a file that can't be read or used. */
export function readCertificates({ serverCertPath, clientCertPath }: TlsSettings): SecureContext {
  const ours = clientCertPath === "" ? undefined : readPem(clientCertPath);
  const ca = serverCertPath === "" ? {} : { ca: readPem(serverCertPath) };
  try {
    return createSecureContext({ ...ca, ...(ours ? { cert: ours, key: ours } : {}) });
  } catch (cause) {
    const paths = [serverCertPath, clientCertPath].filter((path) => path !== "").join(" or ");
    throw new StepwellError("STEPWELL_TLS_FAILED", `The certificate ${paths} can't be used.`, { cause });
  }
}

/** Another text after any of the files was written or replaced. */
export function stampOf({ serverCertPath, clientCertPath }: TlsSettings): string {
  return [serverCertPath, clientCertPath].map(stampOfFile).join(" ");
}

function stampOfFile(path: string): string {
  if (path === "") return "";
  try {
    // Following links: a mounted secret is renewed by changing where a link points.
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return "away";
  }
}

function readPem(path: string): string {
  try {
    return readPlainSync(path);
  } catch (cause) {
    throw new StepwellError("STEPWELL_TLS_FAILED", `The certificate ${path} can't be read.`, { cause });
  }
}
