package io.stepwell;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Entries of one run that have one sequence. They stay in the spool, and are encoded each time they are sent. */
final class Batch {
  /** Rows of a chunk. */
  static final class Rows {
    final Column column;
    final Chunk chunk;
    final int from;
    final int count;

    Rows(Column column, Chunk chunk, int from, int count) {
      this.column = column;
      this.chunk = chunk;
      this.from = from;
      this.count = count;
    }
  }

  final long sequence;
  final Opening opening;
  /** Starts and params, then rows, then series, then tags and the end: as they stand in the message. */
  private final List<Spool.Record> before = new ArrayList<>(2);
  private final List<Rows> rows = new ArrayList<>(4);
  private final List<Spool.Record> series = new ArrayList<>(2);
  private final List<Spool.Record> behind = new ArrayList<>(2);
  private int partBytes;
  private int params;
  private int tags;
  long entries;
  boolean wasSent;
  /** Entries that the daemon refused, by kind and index: a batch that is sent again is refused again. */
  private Map<Long, Integer> refused;

  Batch(long sequence, Opening opening) {
    this.sequence = sequence;
    this.opening = opening;
  }

  boolean isEmpty() {
    return partBytes == 0;
  }

  int partBytes() {
    return partBytes;
  }

  int bytes() {
    return Wire.requestBytes(sequence, partBytes);
  }

  void add(int kind, Spool.Record record) {
    (kind < Opening.SERIES ? before : kind == Opening.SERIES ? series : behind).add(record);
    if (kind == Opening.PARAM) params++;
    if (kind == Opening.TAG) tags++;
    partBytes += record.bytes;
    entries += record.entries;
  }

  void add(Rows each) {
    rows.add(each);
    partBytes += Wire.columnBytes(each.column, each.count);
    entries += each.count;
  }

  /** Notes the sequence in the spool, before anything is sent. */
  void mark() {
    for (Spool.Record each : before) each.mark(sequence);
    for (Rows each : rows) each.chunk.mark(each.from, each.count, sequence);
    for (Spool.Record each : series) each.mark(sequence);
    for (Spool.Record each : behind) each.mark(sequence);
  }

  byte[] encode() {
    ByteBuffer out = Buffers.littleEndian(bytes());
    Wire.putRequestHead(out, sequence, opening.runIdDigits(), partBytes);
    for (Spool.Record each : before) each.copy(out);
    for (Rows each : rows) Wire.putColumn(out, each.column, each.chunk, each.from, each.count);
    for (Spool.Record each : series) each.copy(out);
    for (Spool.Record each : behind) each.copy(out);
    return out.array();
  }

  /** The daemon has it: its places in the spool may be used again. Answers its entries that were not refused. */
  long settle(Spool spool) {
    for (Spool.Record each : before) spool.acknowledge(each);
    for (Spool.Record each : series) spool.acknowledge(each);
    for (Spool.Record each : behind) spool.acknowledge(each);
    for (Rows each : rows) {
      Chunk chunk = each.chunk;
      chunk.acknowledged += each.count;
      if (chunk.isSettled() && !chunk.isLeft && !chunk.isReleased) {
        chunk.isReleased = true;
        spool.release(chunk);
      }
    }
    opening.unacknowledged--;
    long taken = entries;
    if (refused != null) for (int count : refused.values()) taken -= count;
    return taken;
  }

  /** Notes a refusal; answers the entries that are newly refused. */
  int refuse(int kind, int index, int count) {
    if (refused == null) refused = new HashMap<>();
    // A refused start or end of a run is no entry in the caller's count.
    int counted = kind <= 3 ? count : 0;
    return refused.putIfAbsent((long) kind << 32 | index, counted) == null ? counted : 0;
  }

  /** The key of a refused entry, or an empty text. The kinds are types.proto's EntryKind. */
  String keyOf(int kind, int index) {
    if (kind == 1 && index < rows.size()) return new String(rows.get(index).column.key, java.nio.charset.StandardCharsets.UTF_8);
    if (kind == 1) return keyIn(series, index - rows.size());
    if (kind == 2) return keyIn(before, before.size() - params + index);
    return kind == 3 && index < tags ? keyIn(behind, index) : "";
  }

  private static String keyIn(List<Spool.Record> records, int index) {
    return index >= 0 && index < records.size() ? records.get(index).key : "";
  }
}
