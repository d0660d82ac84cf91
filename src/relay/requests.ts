/** What a home sends over its stream, read strictly: text that is no UTF-8 is refused, not mended. */
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { StepwellError } from "../errors/stepwell-error.js";
import { DeliverRequest, type RelayOpen } from "../gen/stepwell/v1/relay.js";
import { isId } from "../model/id.js";
import { RELAY_MESSAGE_BYTES_MAX } from "../model/relay-limits.js";

/** The versions of the protocol that this relay speaks. */
const PROTOCOL_MIN = 1;
const PROTOCOL_MAX = 1;

const STRICT = new TextDecoder("utf-8", { fatal: true });

/** One request; undefined: one of a newer daemon. Throws STEPWELL_BATCH_MALFORMED or STEPWELL_MESSAGE_TOO_LARGE. */
export function readRequest(bytes: Uint8Array): DeliverRequest["message"] {
  if (bytes.length > RELAY_MESSAGE_BYTES_MAX)
    throw new StepwellError("STEPWELL_MESSAGE_TOO_LARGE", `A request has ${bytes.length} bytes.`);
  try {
    return DeliverRequest.decode(new BinaryReader(bytes, (text) => STRICT.decode(text))).message;
  } catch (cause) {
    throw new StepwellError("STEPWELL_BATCH_MALFORMED", "A request can't be read.", { cause });
  }
}

/** The version that a stream goes on in. Throws STEPWELL_HANDSHAKE_INVALID or STEPWELL_VERSION_MISMATCH. */
export function agreedProtocol({ protocolMin, protocolMax, homeId }: RelayOpen): number {
  if (!isId(homeId))
    throw new StepwellError("STEPWELL_HANDSHAKE_INVALID", "The home's id is not 32 hexadecimal digits.");
  const protocol = Math.min(protocolMax, PROTOCOL_MAX);
  if (protocol >= PROTOCOL_MIN && protocol >= protocolMin) return protocol;
  const sentence = `The relay speaks the versions ${PROTOCOL_MIN} to ${PROTOCOL_MAX} of its protocol, the daemon ${protocolMin} to ${protocolMax}.`;
  throw new StepwellError("STEPWELL_VERSION_MISMATCH", sentence);
}

export function malformed(sentence: string): StepwellError {
  return new StepwellError("STEPWELL_BATCH_MALFORMED", sentence);
}
