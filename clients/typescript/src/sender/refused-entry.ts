import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { Rejection } from "../wire.js";

/** By EntryKind: what it is called, and the field of Batch that lists it. */
const KINDS: Readonly<Record<number, { readonly noun: string; readonly field: number }>> = {
  1: { noun: "the metric", field: 5 },
  2: { noun: "the param", field: 4 },
  3: { noun: "the tag", field: 6 },
  4: { noun: "the start of a run", field: 3 },
  5: { noun: "the end of a run", field: 7 },
};

/** What a refused entry is called, for a message: its kind, and its key where it has one. */
export function entryName(request: Uint8Array, rejection: Pick<Rejection, "entryKind" | "index">): string {
  const kind = KINDS[rejection.entryKind];
  if (kind === undefined) return "an entry";
  if (kind.field === 3 || kind.field === 7) return kind.noun;
  const [batch] = lists(request, 2);
  const entry = batch && lists(batch, kind.field)[rejection.index];
  const [key] = entry ? lists(entry, 1) : [];
  return key === undefined ? kind.noun : `${kind.noun} ${JSON.stringify(new TextDecoder().decode(key))}`;
}

/** The elements of one field of a message. */
function lists(message: Uint8Array, wanted: number): Uint8Array[] {
  const reader = new BinaryReader(message);
  const found: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (field === wanted && wire === WireType.LengthDelimited) found.push(reader.bytes());
    else reader.skip(wire, field);
  }
  return found;
}
