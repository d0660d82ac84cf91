/** Where a relay listens, and what it has to ask of who comes there. */
import { StepwellError } from "../errors/stepwell-error.js";
import { type HostPort, readHostPort } from "../model/host-port.js";
import { isLoopback } from "../model/loopback.js";

/** HOST:PORT. Throws STEPWELL_USAGE. */
export function readListenAddress(text: string): HostPort {
  const address = readHostPort(text);
  if (!address)
    throw new StepwellError(
      "STEPWELL_USAGE",
      "--listen is HOST:PORT, as in 127.0.0.1:7443 or relay.example.com:7443.",
    );
  return address;
}

/** What is asked of a caller. */
export interface Asked {
  readonly hasTls: boolean;
  /** A token, a certificate, or what a file of settings says. */
  readonly hasIdentity: boolean;
}

/** Throws STEPWELL_USAGE where other machines would reach the relay without TLS, or everybody on them could write. */
export function refuseExposure({ host }: HostPort, { hasTls, hasIdentity }: Asked): void {
  if (isLoopback(host) || (hasTls && hasIdentity)) return;
  const lacks = hasTls
    ? "lets everybody write who reaches it: give --access, --token-file or --client-ca."
    : "is reached without TLS: give --tls-cert and --tls-key, and --access, --token-file or --client-ca.";
  const sentence = `A relay that listens at ${host}, beyond this machine's own loopback addresses, ${lacks}`;
  throw new StepwellError("STEPWELL_USAGE", sentence);
}
