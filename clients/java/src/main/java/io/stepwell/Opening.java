package io.stepwell;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What one opening of a run logged and has not sent: any thread adds, the sending thread takes. Its start is sent before
 * its first entry, its end after its last one.
 */
final class Opening {
  /** Kinds of records, in the order in which they stand in a batch. */
  static final int START = 1;
  static final int PARAM = 2;
  static final int SERIES = 3;
  static final int TAG = 5;
  static final int END = 6;

  private final Producer producer;
  final int number;
  final String runId;
  private final byte[] runIdBytes;
  private final byte[] runIdDigits;
  /** The run's start as fields of a batch; null of a run that somebody else began. */
  final byte[] start;

  private final Map<String, Column> columns = new ConcurrentHashMap<>();
  private final CopyOnWriteArrayList<Column> all = new CopyOnWriteArrayList<>();
  /** By kind. */
  private final ArrayDeque<Spool.Record>[] records = queues();
  /** The run found no room for its start: entries without it would be nobody's. */
  private boolean isLost;
  private boolean isEnding;
  /** Set last: who sees it sees the end's record, too. */
  private volatile boolean hasEnded;
  private volatile int recordsWaiting;
  /** Batches that are not acknowledged. For the sending thread. */
  int unacknowledged;

  Opening(Producer producer, int number, String runId, byte[] start) {
    this.producer = producer;
    this.number = number;
    this.runId = runId;
    this.runIdBytes = Hex.bytes(runId);
    this.runIdDigits = runId.getBytes(StandardCharsets.US_ASCII);
    this.start = start;
    if (start != null) startAgain();
  }

  /** Sends the start before what waits: the first time, and to another home. */
  void startAgain() {
    if (start != null && !add(START, start, 0, "the run's start")) isLost = true;
  }

  boolean isLost() {
    return isLost;
  }

  boolean hasEnded() {
    return hasEnded;
  }

  byte[] runIdDigits() {
    return runIdDigits;
  }

  /** The column of a key that was checked. */
  Column column(String key, String modelId) {
    return columns.computeIfAbsent(modelId.isEmpty() ? key : key + "\n" + modelId, name -> newColumn(key, modelId));
  }

  /** The same where the key is known to be good; null where it is new. */
  Column knownColumn(String key) {
    return columns.get(key);
  }

  private Column newColumn(String key, String modelId) {
    Column column =
        new Column(this, key.getBytes(StandardCharsets.UTF_8), modelId.getBytes(StandardCharsets.UTF_8));
    synchronized (this) {
      if (isEnding) column.close();
      else all.add(column);
    }
    return column;
  }

  Chunk takeChunk(int size, byte[] key, byte[] modelId) {
    return isLost ? null : producer.spool().takeChunk(size, number, runIdBytes, key, modelId);
  }

  /** Takes something else than a point; false when there is no room, or the run has ended. */
  synchronized boolean add(int kind, byte[] payload, int entries, String key) {
    if (isLost || isEnding && kind != START && kind != END) return false;
    Spool.Record record = producer.spool().write(kind, number, runIdBytes, payload, entries, key);
    if (record == null) return false;
    records[kind].add(record);
    recordsWaiting++;
    return true;
  }

  /** Takes nothing more, and sends an end if one is given. */
  void end(byte[] payload) {
    synchronized (this) {
      if (isEnding) return;
      isEnding = true;
      for (Column each : all) each.close();
      if (payload != null && !add(END, payload, 0, "the run's end")) producer.lostEnd(runId);
      hasEnded = true;
    }
  }

  Iterable<Column> allColumns() {
    return all;
  }

  /** Whether anything is not cut. */
  boolean hasEntries() {
    if (recordsWaiting > 0) return true;
    for (Column each : all) {
      Chunk head = each.head();
      if (head != null && (head.next != null || head.sent < head.reserved())) return true;
    }
    return false;
  }

  /** Entries that are not cut. */
  long waiting() {
    long entries = 0;
    for (Column each : all) entries += each.waiting();
    synchronized (this) {
      for (ArrayDeque<Spool.Record> queue : records) for (Spool.Record each : queue) entries += each.entries;
    }
    return entries;
  }

  /** The next record of a kind if it takes at most so many bytes; it is taken. */
  synchronized Spool.Record take(int kind, int bytesMax) {
    Spool.Record record = records[kind].peek();
    if (record == null || record.bytes > bytesMax) return null;
    recordsWaiting--;
    return records[kind].poll();
  }

  synchronized boolean hasRecords(int kind) {
    return !records[kind].isEmpty();
  }

  /** Whether it has ended, and the daemon has all of it. */
  boolean isSettled() {
    return hasEnded && unacknowledged == 0 && !hasEntries();
  }

  /** Gives back the places of a settled opening's last chunks. */
  void release() {
    for (Column each : all) {
      Chunk head = each.head();
      if (head != null && head.isSettled() && !head.isLeft && !head.isReleased) {
        head.isReleased = true;
        producer.spool().release(head);
      }
    }
  }

  @SuppressWarnings("unchecked")
  private static ArrayDeque<Spool.Record>[] queues() {
    ArrayDeque<Spool.Record>[] queues = new ArrayDeque[END + 1];
    for (int kind = 0; kind <= END; kind++) queues[kind] = new ArrayDeque<>();
    return queues;
  }
}
