package io.stepwell;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * Places for points of one key, in the spool. Any thread reserves a place by an atomic addition and fills it; the row
 * counts once its mark is there, which is stored last. The sending thread reads the rows in order.
 */
final class Chunk {
  static final int ROW_BYTES = 32;
  private static final int MARK_AT = 24;
  /** What a place has that was given up: a mark without a turn. */
  private static final long GIVEN_UP = 1;
  /** More places than there are, so that nobody gets one any more. */
  private static final int CLOSED = 1 << 30;
  /** How far the number of places that were asked for in vain may go. */
  private static final int OVERSHOOT_MAX = 1 << 20;

  private static final VarHandle RESERVED;

  static {
    try {
      RESERVED = MethodHandles.lookup().findVarHandle(Chunk.class, "reserved", int.class);
    } catch (ReflectiveOperationException error) {
      throw new ExceptionInInitializerError(error);
    }
  }

  final Spool.Extent extent;
  /** Where it begins in its extent. */
  final int start;
  final int kind;
  final int rows;
  /** The upper 24 bits of its marks, in their place. */
  private final long turn;
  private final ByteBuffer buffer;
  private final int firstRow;

  private volatile int reserved;
  /** Places that were given out when the chunk was closed. */
  private volatile int limit;
  /** The chunk that took over. */
  volatile Chunk next;

  /** Of the sending thread: places that are cut into batches, and those of them that are acknowledged. */
  int sent;
  int acknowledged;
  /** A place was given up, and its thread may write there still: the chunk is not used again. */
  boolean isLeft;
  boolean isReleased;
  private long unfilledSince;

  Chunk(Spool.Extent extent, int start, int kind, int headBytes, long number) {
    this.extent = extent;
    this.start = start;
    this.kind = kind;
    this.buffer = extent.buffer;
    this.firstRow = start + headBytes;
    this.rows = ((1 << kind) - headBytes) / ROW_BYTES;
    this.limit = rows;
    this.turn = Marks.turnOf(number);
  }

  /** A place, which there is none of when it is not below {@link #rows}. */
  int reserve() {
    return (int) RESERVED.getAndAdd(this, 1);
  }

  /** Fills a place that this thread reserved. */
  void write(int row, long step, long timestampMs, double value) {
    int at = firstRow + row * ROW_BYTES;
    buffer.putLong(at, step);
    buffer.putLong(at + 8, timestampMs);
    buffer.putDouble(at + 16, value);
    Marks.store(buffer, at + MARK_AT, turn);
  }

  /** Keeps the count of vain reservations from running over. */
  void calm() {
    if (reserved > rows + OVERSHOOT_MAX && reserved < CLOSED) RESERVED.set(this, rows);
  }

  /** Gives out no place any more. */
  void close() {
    limit = Math.min((int) RESERVED.getAndAdd(this, CLOSED), rows);
  }

  /** Places that were given out. */
  int reserved() {
    return Math.min(reserved, limit);
  }

  /** Whether all places that will ever be given out were, and are cut into batches. */
  boolean isSpent() {
    return (reserved >= CLOSED || reserved >= rows) && sent >= limit;
  }

  /** Whether nothing of it is needed any more. */
  boolean isSettled() {
    return isSpent() && acknowledged == sent;
  }

  /** How many rows from {@link #sent} on are there, at most so many. For the sending thread. */
  int filled(int max, Runnable whenGivenUp) {
    int end = Math.min(reserved(), sent + Math.max(0, max));
    int row = sent;
    while (row < end && isFilled(row)) row++;
    if (row == sent && row < end && hasWaited()) giveUp(row, whenGivenUp);
    return row - sent;
  }

  private boolean isFilled(int row) {
    return Marks.turnIn(Marks.load(buffer, firstRow + row * ROW_BYTES + MARK_AT)) == turn;
  }

  private boolean hasWaited() {
    long now = System.nanoTime();
    if (unfilledSince == 0) unfilledSince = now | 1;
    return now - unfilledSince > Limits.UNFILLED_NANOS;
  }

  private void giveUp(int row, Runnable whenGivenUp) {
    isLeft = true;
    unfilledSince = 0;
    if (!Marks.swap(buffer, firstRow + row * ROW_BYTES + MARK_AT, GIVEN_UP)) return;
    sent++;
    acknowledged++;
    whenGivenUp.run();
  }

  /** Notes the sequence that rows are sent under. */
  void mark(int from, int count, long sequence) {
    unfilledSince = 0;
    for (int row = from; row < from + count; row++) {
      Marks.store(buffer, firstRow + row * ROW_BYTES + MARK_AT, turn | sequence);
    }
  }

  /** Copies rows into three columns of little-endian numbers. */
  void copy(int from, int count, ByteBuffer out, int steps, int timestamps, int values) {
    int at = firstRow + from * ROW_BYTES;
    for (int row = 0; row < count; row++, at += ROW_BYTES) {
      int to = row * 8;
      out.putLong(steps + to, buffer.getLong(at));
      out.putLong(timestamps + to, buffer.getLong(at + 8));
      out.putLong(values + to, buffer.getLong(at + 16));
    }
  }
}
