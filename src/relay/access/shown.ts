import type { ServerDuplexStream, ServerUnaryCall } from "@grpc/grpc-js";
import type { Shown } from "./callers.js";
import { certificateNames } from "./certificate-names.js";

type Call = Pick<
  ServerDuplexStream<unknown, unknown> | ServerUnaryCall<unknown, unknown>,
  "metadata" | "getAuthContext"
>;

/** What a call came with; a certificate only where TLS has found it good. */
export function shownBy(call: Call): Shown {
  const { sslPeerCertificate: certificate } = call.getAuthContext();
  return {
    authorization: call.metadata.get("authorization")[0]?.toString(),
    certificate: certificate && certificateNames(certificate.subjectaltname ?? ""),
  };
}
