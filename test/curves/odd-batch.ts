/** A batch as the protocol allows it and none of our clients sends it: its lists in two pieces, or a number at a time. */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type BatchView, type ColumnView, encodeBatch } from "../../src/model/batch-view.js";

export function encodedOddly(batch: BatchView, isUnpacked = false): Uint8Array {
  const writer = new BinaryWriter().raw(encodeBatch({ ...batch, columns: [] }));
  for (const column of batch.columns) {
    writer.tag(5, WireType.LengthDelimited).fork();
    for (const [index, list] of listsOf(column).entries()) {
      if (isUnpacked) {
        for (let at = 0; at < list.length; at += 8)
          writer.tag(index + 2, WireType.Bit64).raw(list.subarray(at, at + 8));
      } else {
        for (const piece of [list.subarray(0, 8), list.subarray(8)])
          writer.tag(index + 2, WireType.LengthDelimited).bytes(piece);
      }
    }
    writer.tag(1, WireType.LengthDelimited).string(column.key ?? "");
    writer.join();
  }
  return writer.finish();
}

function listsOf({ steps, timestampsMs, values }: ColumnView): readonly Uint8Array[] {
  return [steps, timestampsMs, values];
}
