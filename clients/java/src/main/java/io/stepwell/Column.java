package io.stepwell;

/** The points of one key, and one model, of one opening of a run that are logged one by one. */
final class Column {
  private final Opening opening;
  final byte[] key;
  final byte[] modelId;
  private volatile Chunk current;
  /** Chunks that the column has had, which decides how large the next one is. */
  private int chunks;
  private boolean isClosed;
  /** Of the sending thread: the first chunk that is not cut as a whole. */
  private Chunk head;

  Column(Opening opening, byte[] key, byte[] modelId) {
    this.opening = opening;
    this.key = key;
    this.modelId = modelId;
  }

  /** Takes a point; false when there is no room, or the column is closed. */
  boolean log(long step, long timestampMs, double value) {
    Chunk chunk = current;
    while (true) {
      if (chunk != null) {
        int row = chunk.reserve();
        if (row < chunk.rows) {
          chunk.write(row, step, timestampMs, value);
          return true;
        }
        chunk.calm();
      }
      Chunk next = follow(chunk);
      if (next == null) return false;
      chunk = next;
    }
  }

  private synchronized Chunk follow(Chunk full) {
    if (current != full) return current;
    if (isClosed) return null;
    Chunk next = opening.takeChunk(Math.min(chunks, Spool.KINDS.length - 1), key, modelId);
    if (next == null) return null;
    chunks++;
    if (full != null) full.next = next;
    else head = next;
    current = next;
    return next;
  }

  /** Takes no point any more. */
  synchronized void close() {
    isClosed = true;
    if (current != null) current.close();
  }

  /** The first chunk that has, or may get, rows that are not cut; null when there is none yet. */
  Chunk head() {
    if (head == null) {
      synchronized (this) {
        if (head == null) return null;
      }
    }
    while (head.isSpent() && head.next != null) head = head.next;
    return head;
  }

  /** Points that were logged and not cut. */
  long waiting() {
    long points = 0;
    for (Chunk each = head(); each != null; each = each.next) points += each.reserved() - each.sent;
    return points;
  }
}
