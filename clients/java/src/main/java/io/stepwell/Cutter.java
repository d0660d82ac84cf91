package io.stepwell;

import java.util.function.Consumer;

/** Cuts what an opening logged into batches that fit into a message. */
final class Cutter {
  private final Opening opening;
  private final Outbox outbox;
  private final int partsMax;
  private final Runnable whenGivenUp;
  private final Consumer<Spool.Record> whenTooLarge;
  private long room;
  private Batch batch;

  Cutter(
      Opening opening,
      Outbox outbox,
      int batchBytesMax,
      long room,
      Runnable whenGivenUp,
      Consumer<Spool.Record> whenTooLarge) {
    this.opening = opening;
    this.outbox = outbox;
    this.partsMax = batchBytesMax - Wire.BATCH_OVERHEAD_BYTES;
    this.room = room;
    this.whenGivenUp = whenGivenUp;
    this.whenTooLarge = whenTooLarge;
  }

  /** Bytes that may still be cut. */
  long room() {
    return room;
  }

  /** Cuts about as many bytes as there is room for; answers whether it was all that was there at the call. */
  boolean cut() {
    // Read before the rest is taken: what was logged before the end is then taken with it.
    boolean hasEnded = opening.hasEnded();
    if (!opening.hasEntries()) return true;
    batch = new Batch(outbox.nextSequence(), opening);
    boolean isAll = takeRecords(Opening.START);
    isAll &= takeRecords(Opening.PARAM);
    for (Column each : opening.allColumns()) isAll &= room > 0 && takeRows(each);
    isAll &= takeRecords(Opening.SERIES);
    isAll &= takeRecords(Opening.TAG);
    if (hasEnded && isAll) takeRecords(Opening.END);
    finish();
    return isAll;
  }

  private boolean takeRecords(int kind) {
    while (room > 0) {
      Spool.Record record = opening.take(kind, partsMax - batch.partBytes());
      if (record != null) {
        batch.add(kind, record);
      } else if (!opening.hasRecords(kind)) {
        return true;
      } else if (batch.isEmpty()) {
        whenTooLarge.accept(opening.take(kind, Integer.MAX_VALUE));
      } else {
        finish();
      }
    }
    return !opening.hasRecords(kind);
  }

  private boolean takeRows(Column column) {
    int overhead = Wire.COLUMN_OVERHEAD_BYTES + column.key.length + column.modelId.length;
    long left = column.waiting();
    while (left > 0) {
      int fitting = (partsMax - batch.partBytes() - overhead) / Wire.POINT_BYTES;
      if (fitting <= 0) {
        // A message that takes no point takes none of any column.
        if (batch.isEmpty()) return false;
        finish();
        if (room <= 0) return false;
        continue;
      }
      Chunk chunk = column.head();
      int count = chunk.filled((int) Math.min(left, fitting), whenGivenUp);
      if (count == 0) return false;
      batch.add(new Batch.Rows(column, chunk, chunk.sent, count));
      chunk.sent += count;
      left -= count;
    }
    return true;
  }

  private void finish() {
    if (batch.isEmpty()) return;
    room -= batch.bytes();
    outbox.add(batch);
    batch = new Batch(outbox.nextSequence(), opening);
  }
}
