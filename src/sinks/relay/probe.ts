import { Metadata } from "@grpc/grpc-js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { ProbeRequest, ProbeResponse, RelayServiceService } from "../../gen/stepwell/v1/relay.js";
import type { RelayAddress } from "./address.js";
import { linkFault } from "./link-fault.js";
import { openClient } from "./own-connections.js";
import type { RelayAccess } from "./relay-access.js";

/** Asks a relay whether packs would get to its backend, over a connection of its own. Throws what keeps it from being asked. */
export async function probeRelay(
  address: RelayAddress,
  { credentials, token }: RelayAccess,
  timeoutMs: number,
): Promise<ProbeResponse> {
  const { client, close } = openClient(address, credentials);
  const metadata = new Metadata();
  if (token !== "") metadata.set("authorization", `Bearer ${token}`);
  try {
    return await new Promise((resolve, reject) => {
      const call = client.makeUnaryRequest(
        RelayServiceService.probe.path,
        (request: ProbeRequest) => Buffer.from(ProbeRequest.encode(request).finish()),
        (bytes: Buffer) => ProbeResponse.decode(bytes),
        {},
        metadata,
        (error, response) => {
          clearTimeout(timer);
          if (error) reject(linkFault(error, address.text));
          else if (response) resolve(response);
        },
      );
      const timer = setTimeout(() => {
        const sentence = `${address.text} did not answer within ${timeoutMs / 1000} s.`;
        reject(new StepwellError("STEPWELL_SERVER_UNREACHABLE", sentence));
        call.cancel();
      }, timeoutMs);
    });
  } finally {
    close();
  }
}
