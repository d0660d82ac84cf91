package io.stepwell;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The marks of rows and records: 24 bits that say whose turn of the place it is, 40 bits of a sequence. */
final class Marks {
  private static final int SEQUENCE_BITS = 40;
  private static final long TURN_MASK = -1L << SEQUENCE_BITS;
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private Marks() {}

  /** The turn that a chunk's number gives its marks, in its place. */
  static long turnOf(long number) {
    return number << SEQUENCE_BITS;
  }

  static long turnIn(long mark) {
    return mark & TURN_MASK;
  }

  /** The number that follows, of those that give a turn. */
  static long numberAfter(long number) {
    return turnOf(number + 1) == 0 ? number + 2 : number + 1;
  }

  /** What was written before is there for whoever sees this. */
  static void store(ByteBuffer buffer, int at, long mark) {
    LONG.setRelease(buffer, at, mark);
  }

  static long load(ByteBuffer buffer, int at) {
    return (long) LONG.getAcquire(buffer, at);
  }

  /** Puts a mark where there is none. */
  static boolean swap(ByteBuffer buffer, int at, long mark) {
    return LONG.compareAndSet(buffer, at, 0L, mark);
  }
}
