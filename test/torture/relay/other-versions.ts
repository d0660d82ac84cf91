/**
 * Has a process speak the relay's protocol as another version does.
 *
 * The older one knows what the protocol's first form knows (first-protocol.txtpb, which is committed): all else is
 * neither sent nor read. The newer one takes two versions of the protocol, sends fields and kinds of messages
 * that nobody here knows, and has values of enums that nobody knows either.
 */
import { readFileSync } from "node:fs";
import { createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import * as protocol from "../../../src/gen/stepwell/v1/relay.js";
import { VERSION_VARIABLE } from "../kill-point-names.js";
import { type Method, wrap } from "../wrap.js";

/** Field 1,000, of bytes. */
const LATER_TAG = (1_000 << 3) | 2;
const LATER_VALUE = "of a later version";
const LATER_ENUM = 77;
const LATER_PROTOCOL = 2;
const LATER_VERSION = "99.0.0";
/** How a request with a pack begins: field 2, of bytes. */
const PACK_TAG = (2 << 3) | 2;

type Codec = { readonly encode: Method };

export async function speakAs(side: "relay" | "daemon"): Promise<void> {
  const [version, path = ""] = (process.env[VERSION_VARIABLE] ?? "").split(" ");
  if (version === "older") speakAsFirst(path);
  if (version !== "newer") return;
  speakAsLater();
  if (side === "relay") await sayMoreAsRelay();
  else await sayMoreAsDaemon();
}

function speakAsFirst(path: string): void {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(path)));
  for (const [name, codec] of [
    ["DeliverRequest", protocol.DeliverRequest],
    ["DeliverResponse", protocol.DeliverResponse],
  ] as const) {
    const schema = registry.getMessage(`stepwell.v1.${name}`);
    if (!schema) throw new Error(`${path} has no ${name}`);
    const known = (bytes: Uint8Array) =>
      toBinary(schema, fromBinary(schema, bytes, { readUnknownFields: false }));
    wrap(codec, "encode", (original) => {
      const encode = original as unknown as (message: unknown) => BinaryWriter;
      return ((message: unknown) => {
        const bytes = known(encode(message).finish());
        return { finish: () => bytes };
      }) as unknown as Method;
    });
    wrap(codec, "decode", (original) => {
      const decode = original as unknown as (bytes: Uint8Array) => unknown;
      return ((input: BinaryReader | Uint8Array) =>
        decode(known(input instanceof BinaryReader ? bytesOf(input) : input))) as unknown as Method;
    });
  }
}

/** All that it reads. */
function bytesOf(reader: BinaryReader): Uint8Array {
  return (reader as unknown as { readonly buf: Uint8Array }).buf;
}

/** Every message has a field more. */
function speakAsLater(): void {
  const codecs = Object.values(protocol).filter(
    (each): each is typeof each & Codec => typeof each === "object" && "encode" in each,
  );
  for (const codec of codecs)
    wrap(codec, "encode", (original) => {
      const encode = original as unknown as (message: unknown, writer: BinaryWriter) => BinaryWriter;
      return ((message: unknown, writer = new BinaryWriter()) =>
        encode(message, writer).uint32(LATER_TAG).string(LATER_VALUE)) as unknown as Method;
    });
  change(protocol.RelayOpen, { protocolMax: LATER_PROTOCOL, daemonVersion: LATER_VERSION });
  change(protocol.RelayWelcome, { relayVersion: LATER_VERSION });
  change(protocol.RelayDelivered, { durability: LATER_ENUM });
}

function change(codec: object, changed: object): void {
  wrap(codec, "encode", (original) => {
    const encode = original as unknown as (message: object, writer: unknown) => unknown;
    return ((message: object, writer: unknown) =>
      encode({ ...message, ...changed }, writer)) as unknown as Method;
  });
}

type Write = (message: unknown, encoding: unknown, callback: () => void) => void;

/** Before each outcome there is a message of a kind that no daemon knows. */
async function sayMoreAsRelay(): Promise<void> {
  const { ServerDuplexStreamImpl } = await import("@grpc/grpc-js/build/src/server-call.js");
  sayBefore(ServerDuplexStreamImpl.prototype, { message: undefined }, (message) => {
    return (message as protocol.DeliverResponse).message?.$case === "outcome";
  });
}

/** Before each pack there is a message of a kind that no relay knows. */
async function sayMoreAsDaemon(): Promise<void> {
  const { ClientDuplexStreamImpl } = await import("@grpc/grpc-js/build/src/call.js");
  const unknown = protocol.DeliverRequest.encode({ message: undefined }).finish();
  sayBefore(ClientDuplexStreamImpl.prototype, unknown, (message) => {
    return message instanceof Uint8Array && message[0] === PACK_TAG;
  });
}

function sayBefore(stream: object, more: unknown, isMeant: (message: unknown) => boolean): void {
  wrap(stream, "_write", (original) => {
    const write = original as unknown as Write;
    return function (this: object, ...values) {
      const [message, encoding, callback] = values as unknown as Parameters<Write>;
      const go = () => write.call(this, message, encoding, callback);
      if (isMeant(message)) write.call(this, more, encoding, go);
      else go();
    };
  });
}
