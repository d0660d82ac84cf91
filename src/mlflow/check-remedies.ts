import { ERRORS, type ErrorCode } from "../errors/table.js";

/** What to do about an answer where it was a check that asked: the table of errors would say to make that check. */
export function remedyOfVerdict(code: ErrorCode, address: string): string {
  if (code === "STEPWELL_SERVER_UNREACHABLE")
    return `Check that ${address} is right, and that this machine can reach it.`;
  if (code === "STEPWELL_SERVER_NOT_UNDERSTOOD")
    return `Check that ${address} is the address of an MLflow server or of a Databricks workspace.`;
  return ERRORS[code].remedy;
}

/** What to do when a server can't be reached, by the code of the failure; undefined where it is not known better. */
export function remedyOf(code: string, address: string): string | undefined {
  const { hostname, protocol, port, host } = new URL(address);
  switch (code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `No address is known for ${hostname}: check tracking_uri, and the network or VPN of this machine.`;
    case "ECONNREFUSED":
      return `Nobody listens at ${host}: start the server (mlflow server --host ${hostname} --port ${port || (protocol === "https:" ? 443 : 80)}), or check the port in tracking_uri.`;
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return `${host} does not answer: check the network, a firewall in between, and the port in tracking_uri.`;
    case "EPROTO":
    case "ERR_SSL_WRONG_VERSION_NUMBER":
      return `${host} does not speak TLS: write tracking_uri with http:// instead of https://.`;
    case "ECONNRESET":
    case "HPE_INVALID_CONSTANT":
      return protocol === "http:"
        ? `${host} may want TLS: write tracking_uri with https:// instead of http://.`
        : undefined;
    case "CERT_HAS_EXPIRED":
      return "The server's certificate has expired: renew it there.";
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return `The server's certificate is for another name than ${hostname}: write tracking_uri with the name in it.`;
    default:
      return undefined;
  }
}
