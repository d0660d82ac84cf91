package io.stepwell;

import io.stepwell.v1.IngestRequest;
import io.stepwell.v1.IngestServiceGrpc;
import io.stepwell.v1.IngestResponse;
import io.grpc.KnownLength;
import io.grpc.Drainable;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * The messages of proto/stepwell/v1/ingest.proto as bytes. Columns are encoded by hand, from the spool into the message:
 * the generated classes would take a list of each.
 */
final class Wire {
  /** Most that a batch takes beside its parts: its tags, its sequence and the run's id. */
  static final int BATCH_OVERHEAD_BYTES = 64;
  /** Most that the tags and lengths of one column take beside its names and its points. */
  static final int COLUMN_OVERHEAD_BYTES = 32;
  static final int POINT_BYTES = 24;

  // Tags (field number << 3 | wire type) of Batch and its parts.
  private static final byte REQUEST_BATCH = 0x12;
  private static final byte BATCH_SEQUENCE = 0x08;
  private static final byte BATCH_RUN_ID = 0x12;
  private static final byte BATCH_METRICS = 0x2a;
  private static final byte COLUMN_KEY = 0x0a;
  private static final byte COLUMN_STEPS = 0x12;
  private static final byte COLUMN_TIMESTAMPS = 0x1a;
  private static final byte COLUMN_VALUES = 0x22;
  private static final byte COLUMN_MODEL_ID = 0x2a;

  /** The stream, whose requests are bytes already. */
  static final MethodDescriptor<byte[], IngestResponse> INGEST =
      IngestServiceGrpc.getIngestMethod().toBuilder(
              new BytesMarshaller(), IngestServiceGrpc.getIngestMethod().getResponseMarshaller())
          .build();

  private Wire() {}

  /** Bytes of a column's message with so many points. */
  static int columnBytes(Column column, int points) {
    int body = columnBody(column, points);
    return 1 + varintBytes(body) + body;
  }

  private static int columnBody(Column column, int points) {
    int size = 8 * points;
    int names = 1 + varintBytes(column.key.length) + column.key.length;
    if (column.modelId.length > 0) names += 1 + varintBytes(column.modelId.length) + column.modelId.length;
    return names + 3 * (1 + varintBytes(size) + size);
  }

  /** A column of rows as a part of a batch. */
  static void putColumn(ByteBuffer out, Column column, Chunk chunk, int from, int count) {
    int size = 8 * count;
    out.put(BATCH_METRICS);
    putVarint(out, columnBody(column, count));
    putBytes(out, COLUMN_KEY, column.key);
    if (column.modelId.length > 0) putBytes(out, COLUMN_MODEL_ID, column.modelId);
    int steps = place(out, COLUMN_STEPS, size);
    int timestamps = place(out, COLUMN_TIMESTAMPS, size);
    int values = place(out, COLUMN_VALUES, size);
    chunk.copy(from, count, out, steps, timestamps, values);
  }

  private static int place(ByteBuffer out, byte tag, int size) {
    out.put(tag);
    putVarint(out, size);
    int at = out.position();
    out.position(at + size);
    return at;
  }

  /** One piece of a series as fields of a batch. */
  static byte[] series(byte[] key, byte[] modelId, long[] steps, double[] values, long[] timestampsMs, int from, int count) {
    int size = 8 * count;
    int names = 1 + varintBytes(key.length) + key.length;
    if (modelId.length > 0) names += 1 + varintBytes(modelId.length) + modelId.length;
    int body = names + 3 * (1 + varintBytes(size) + size);
    ByteBuffer out = Buffers.littleEndian(1 + varintBytes(body) + body);
    out.put(BATCH_METRICS);
    putVarint(out, body);
    putBytes(out, COLUMN_KEY, key);
    if (modelId.length > 0) putBytes(out, COLUMN_MODEL_ID, modelId);
    out.put(COLUMN_STEPS);
    putVarint(out, size);
    for (int at = from; at < from + count; at++) out.putLong(steps[at]);
    out.put(COLUMN_TIMESTAMPS);
    putVarint(out, size);
    for (int at = from; at < from + count; at++) out.putLong(timestampsMs[at]);
    out.put(COLUMN_VALUES);
    putVarint(out, size);
    for (int at = from; at < from + count; at++) out.putDouble(values[at]);
    return out.array();
  }

  /** Bytes of a whole request with parts of so many bytes. */
  static int requestBytes(long sequence, int parts) {
    int body = bodyBytes(sequence, parts);
    return 1 + varintBytes(body) + body;
  }

  private static int bodyBytes(long sequence, int parts) {
    return 1 + varintBytes(sequence) + 2 + 2 * Spool.RUN_ID_BYTES + parts;
  }

  /** The beginning of a request, whose parts follow in the order start, params, metrics, tags, end. */
  static void putRequestHead(ByteBuffer out, long sequence, byte[] runIdDigits, int parts) {
    out.put(REQUEST_BATCH);
    putVarint(out, bodyBytes(sequence, parts));
    out.put(BATCH_SEQUENCE);
    putVarint(out, sequence);
    putBytes(out, BATCH_RUN_ID, runIdDigits);
  }

  private static void putBytes(ByteBuffer out, byte tag, byte[] bytes) {
    out.put(tag);
    putVarint(out, bytes.length);
    out.put(bytes);
  }

  private static void putVarint(ByteBuffer out, long number) {
    long left = number;
    while (left >= 0x80) {
      out.put((byte) (left & 0x7F | 0x80));
      left >>>= 7;
    }
    out.put((byte) left);
  }

  private static int varintBytes(long number) {
    int bytes = 1;
    for (long left = number >>> 7; left > 0; left >>>= 7) bytes++;
    return bytes;
  }

  /** Requests go out as they are. */
  private static final class BytesMarshaller implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] bytes) {
      return new BytesStream(bytes);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return IngestRequest.parseFrom(stream).toByteArray();
      } catch (IOException error) {
        throw new IllegalStateException(error);
      }
    }
  }

  private static final class BytesStream extends ByteArrayInputStream implements Drainable, KnownLength {
    BytesStream(byte[] bytes) {
      super(bytes);
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      int bytes = count - pos;
      target.write(buf, pos, bytes);
      pos = count;
      return bytes;
    }
  }
}
