/** What a stream to a relay is opened with: a tracker's settings with its secrets in place, at that moment. */
import { readFileSync } from "node:fs";
import { ChannelCredentials } from "@grpc/grpc-js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { isHeaderToken } from "../../model/names.js";
import type { RelayAddress } from "./address.js";

/** How a stream is opened. */
export interface RelayAccess {
  readonly credentials: ChannelCredentials;
  /** Empty: none. */
  readonly token: string;
}

const YES = /^(1|true|yes|on)$/i;

/** Throws STEPWELL_NOT_AUTHENTICATED for a token that can't be sent, STEPWELL_TLS_FAILED for a certificate that can't be used. */
export function accessOf({ isTls }: RelayAddress, settings: Readonly<Record<string, string>>): RelayAccess {
  const token = settings["tracking_token"] ?? "";
  if (token !== "" && !isHeaderToken(token)) {
    const sentence = "The token holds a line's end, a space or another character that no header carries.";
    throw new StepwellError("STEPWELL_NOT_AUTHENTICATED", sentence);
  }
  return { token, credentials: isTls ? tlsOf(settings) : ChannelCredentials.createInsecure() };
}

function tlsOf(settings: Readonly<Record<string, string>>): ChannelCredentials {
  const { tracking_server_cert_path: serverCertPath = "", tracking_client_cert_path: clientCertPath = "" } =
    settings;
  const roots = serverCertPath === "" ? null : readPem(serverCertPath);
  // One file holds both, as for servers.
  const ours = clientCertPath === "" ? null : readPem(clientCertPath);
  const takesAny = YES.test(settings["tracking_insecure_tls"] ?? "");
  try {
    return ChannelCredentials.createSsl(
      roots,
      ours,
      ours,
      takesAny ? { rejectUnauthorized: false, checkServerIdentity: () => undefined } : {},
    );
  } catch (cause) {
    const paths = [serverCertPath, clientCertPath].filter((path) => path !== "").join(" or ");
    throw new StepwellError("STEPWELL_TLS_FAILED", `The certificate ${paths} can't be used.`, { cause });
  }
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new StepwellError("STEPWELL_TLS_FAILED", `The certificate ${path} can't be read.`, { cause });
  }
}
