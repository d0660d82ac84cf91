/**
 * What a program wrote on its terminal, without the credentials that the daemon keeps: it may have printed one that it has
 * from elsewhere. Stars stand in their place, one for each byte, so that its length stays what was announced.
 */
import { Readable } from "node:stream";
import type { GatewayCall } from "./call.js";

/** The header by which `stepwell run` asks for it. */
export const REDACT_HEADER = "stepwell-redact";
/** Shorter values are words of every text. */
const SECRET_BYTES_MIN = 4;
const STAR = 0x2a;

/** The call with a body that holds none of the secrets. */
export function redactedCall(call: GatewayCall, secrets: readonly string[]): GatewayCall {
  return { ...call, body: Readable.from(withoutSecrets(call.body, secrets)) };
}

/** A stream's bytes without secrets, also those that two pieces share. */
export async function* withoutSecrets(
  pieces: AsyncIterable<Uint8Array>,
  secrets: readonly string[],
): AsyncGenerator<Buffer> {
  const forms = [...new Set(secrets)]
    .map((each) => Buffer.from(each))
    .filter(({ length }) => length >= SECRET_BYTES_MIN);
  const heldBytes = Math.max(1, ...forms.map(({ length }) => length)) - 1;
  let held: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    const bytes = Buffer.concat([held, piece]);
    for (const form of forms) {
      for (let at = bytes.indexOf(form); at !== -1; at = bytes.indexOf(form, at + form.length))
        bytes.fill(STAR, at, at + form.length);
    }
    const through = Math.max(0, bytes.length - heldBytes);
    held = bytes.subarray(through);
    if (through > 0) yield bytes.subarray(0, through);
  }
  if (held.length > 0) yield held;
}
