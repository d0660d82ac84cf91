package io.stepwell;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Buffers as protobuf wants them. */
final class Buffers {
  private Buffers() {}

  static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
