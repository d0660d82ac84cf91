/** Reads messages of the protocol by their fields' numbers, which stand beside their names where they are asked for. */
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/** A message that was read: what it does not have is 0, "", false or empty, as proto3 says. */
export class Message {
  readonly #numbers = new Map<number, number>();
  readonly #parts = new Map<number, Uint8Array[]>();

  /** Throws when the bytes are no message. */
  constructor(bytes: Uint8Array) {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [field, wire] = reader.tag();
      if (wire === WireType.Varint) this.#numbers.set(field, Number(reader.int64()));
      else if (wire === WireType.Bit64) this.#numbers.set(field, reader.double());
      else if (wire === WireType.LengthDelimited) this.#add(field, reader.bytes());
      else reader.skip(wire, field);
    }
  }

  /** A whole number, an enum's number or a double. Whole numbers are exact to 2^53. */
  number(field: number): number {
    return this.#numbers.get(field) ?? 0;
  }

  /** A truth value. */
  flag(field: number): boolean {
    return this.number(field) !== 0;
  }

  /** A text. */
  text(field: number): string {
    return textIn(this.#parts.get(field)?.at(-1));
  }

  /** A repeated text. */
  texts(field: number): string[] {
    return (this.#parts.get(field) ?? []).map(textIn);
  }

  /** A message within this one; an empty one where there is none. */
  message(field: number): Message {
    return new Message(this.#parts.get(field)?.at(-1) ?? new Uint8Array());
  }

  /** A repeated message. */
  messages(field: number): Message[] {
    return (this.#parts.get(field) ?? []).map((bytes) => new Message(bytes));
  }

  /** A map of texts. */
  entries(field: number): Record<string, string> {
    return Object.fromEntries(this.messages(field).map((entry) => [entry.text(1), entry.text(2)]));
  }

  #add(field: number, bytes: Uint8Array): void {
    const parts = this.#parts.get(field);
    if (parts === undefined) this.#parts.set(field, [bytes]);
    else parts.push(bytes);
  }
}

function textIn(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "" : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}
