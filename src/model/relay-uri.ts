/** A relay's address: grpcs://HOST:PORT, or grpc://HOST:PORT on this machine. */
import { isLoopback } from "./loopback.js";

export type RelayUri =
  | {
      readonly kind: "relay";
      /** It in one form. */
      readonly uri: string;
      /** One of version 6 in brackets. */
      readonly host: string;
      readonly port: number;
      readonly isTls: boolean;
      /** The name that its certificate has, where another one leads there, as through a forwarded port. */
      readonly authority: string | undefined;
    }
  /** Why it is none, in a sentence that shows no value. */
  | { readonly kind: "refused"; readonly reason: string };

export function readRelayUri(uri: string): RelayUri {
  const found =
    /^(grpcs?):\/\/(\[[0-9a-f:.]+\]|[a-z0-9._-]+):(\d{1,5})\/?(?:\?authority=([a-z0-9._-]+))?$/i.exec(uri);
  const [, scheme = "", host = "", digits = "", authority] = found ?? [];
  const port = Number(digits);
  if (!found || port === 0 || port > 65_535) {
    const reason =
      "A relay's tracking_uri is grpcs://HOST:PORT; the token is a setting of its own, tracking_token.";
    return { kind: "refused", reason };
  }
  const isTls = scheme.toLowerCase() === "grpcs";
  if (!isTls && !isLoopback(host))
    return { kind: "refused", reason: "A relay on another machine is reached with TLS: grpcs://HOST:PORT." };
  const query = authority === undefined ? "" : `?authority=${authority.toLowerCase()}`;
  const form = `${scheme.toLowerCase()}://${host.toLowerCase()}:${port}${query}`;
  return { kind: "relay", uri: form, host: host.toLowerCase(), port, isTls, authority };
}
