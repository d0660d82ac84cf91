package io.stepwell;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * What was logged and is not acknowledged: a file in the home that is mapped into memory, so that the kernel has it once
 * a log call returned, whatever becomes of this process. Its format is in docs/decisions/0014-spool.md.
 *
 * <p>Where there can be no file the same structure is in this process's own memory. So are extents that a full disk
 * leaves no room for.
 */
final class Spool {
  static final int HEAD_BYTES = 65_536;
  static final int EXTENT_BYTES = 262_144;
  static final int EXTENTS_MAX = 1_024;
  static final int RUN_ID_BYTES = 16;
  /** Bytes of chunks, as powers of two, smallest first. */
  static final int[] KINDS = {9, 12, 16};

  private static final int VERSION = 1;
  private static final int TABLE_AT = 2_048;
  private static final byte RECORDS = 1;
  private static final int CHUNK_HEAD_BYTES = 32;
  private static final int RECORD_HEAD_BYTES = 48;
  private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(EXTENT_BYTES).asReadOnlyBuffer();

  /** A piece of the spool that is used as a whole: for records, or for chunks of one size. */
  static final class Extent {
    /** Its place in the file; -1 where it is in memory alone. */
    final int index;
    final ByteBuffer buffer;
    int kind;
    /** Chunks of it that are in use. */
    int used;

    Extent(int index, ByteBuffer buffer) {
      this.index = index;
      this.buffer = buffer;
    }
  }

  /** A place of a chunk that is free. */
  private static final class Slot {
    final Extent extent;
    final int start;

    Slot(Extent extent, int start) {
      this.extent = extent;
      this.start = start;
    }
  }

  /** An extent of records, which is filled from its beginning to its end. */
  private static final class RecordExtent {
    final Extent extent;
    final long turn;
    int end = CHUNK_HEAD_BYTES;
    int unacknowledged;
    boolean isFull;

    RecordExtent(Extent extent, long number) {
      this.extent = extent;
      this.turn = Marks.turnOf(number);
    }
  }

  /** Something else than rows: the start, a param, a tag, a piece of a series, the end. */
  static final class Record {
    private final RecordExtent home;
    private final int start;
    final int bytes;
    /** Entries of it, as the caller counts them. */
    final int entries;
    /** A key that can be said when it is refused. */
    final String key;

    private Record(RecordExtent home, int start, int bytes, int entries, String key) {
      this.home = home;
      this.start = start;
      this.bytes = bytes;
      this.entries = entries;
      this.key = key;
    }

    void mark(long sequence) {
      Marks.store(home.extent.buffer, start, home.turn | sequence);
    }

    /** Copies its payload: fields of a batch. */
    void copy(ByteBuffer out) {
      ByteBuffer payload = home.extent.buffer.duplicate();
      payload.position(start + RECORD_HEAD_BYTES).limit(start + RECORD_HEAD_BYTES + bytes);
      out.put(payload);
    }
  }

  /** Null where the spool is in memory. */
  private final Path file;
  private final FileChannel channel;
  private final ByteBuffer head;
  private final int extentsMax;
  private final List<Extent> extents = new ArrayList<>();
  private final ArrayDeque<Extent> freeExtents = new ArrayDeque<>();
  private final List<ArrayDeque<Slot>> freeSlots = new ArrayList<>();
  private final int[] chunksInUse = new int[KINDS.length];
  private RecordExtent records;
  private long number;
  private boolean isDiskFull;

  /** A spool in memory. */
  Spool(long bytesMax) {
    this(null, null, ByteBuffer.allocateDirect(HEAD_BYTES), bytesMax);
  }

  private Spool(Path file, FileChannel channel, ByteBuffer head, long bytesMax) {
    this.file = file;
    this.channel = channel;
    this.head = head.order(ByteOrder.LITTLE_ENDIAN);
    // One for records, one for rows.
    this.extentsMax = (int) Math.max(2, Math.min(EXTENTS_MAX, bytesMax / EXTENT_BYTES));
    for (int kind : KINDS) freeSlots.add(new ArrayDeque<>(kind));
  }

  /** A spool in a file that is made. Throws IOException where it can't be. */
  static Spool inFile(Path file, byte[] producerId, String version, long bytesMax) throws IOException {
    FileChannel channel = PrivateFiles.create(file);
    try {
      writeZeros(channel, 0, HEAD_BYTES);
      ByteBuffer head = channel.map(FileChannel.MapMode.READ_WRITE, 0, HEAD_BYTES);
      Spool spool = new Spool(file, channel, head, bytesMax);
      spool.writeHead(producerId, version);
      return spool;
    } catch (IOException | RuntimeException error) {
      channel.close();
      Files.deleteIfExists(file);
      throw error;
    }
  }

  private void writeHead(byte[] producerId, String version) {
    var process = ThisProcess.identity();
    head.putInt(8, VERSION);
    head.putInt(12, EXTENT_BYTES);
    put(16, producerId, 16);
    put(32, process.getBootId().getBytes(StandardCharsets.US_ASCII), 40);
    head.putLong(72, process.getPidNamespace());
    head.putLong(80, Integer.toUnsignedLong(process.getPid()));
    head.putLong(88, process.getStartTicks());
    put(96, Stepwell.CLIENT_NAME.getBytes(StandardCharsets.UTF_8), 32);
    put(128, version.getBytes(StandardCharsets.UTF_8), 32);
    // What makes it a spool comes last.
    put(0, "STEPSPOL".getBytes(StandardCharsets.US_ASCII), 8);
  }

  private void put(int at, byte[] bytes, int bytesMax) {
    for (int index = 0; index < Math.min(bytes.length, bytesMax); index++) head.put(at + index, bytes[index]);
  }

  boolean isInFile() {
    return file != null;
  }

  /** A chunk of this size, or of a smaller one; null when the spool is full. */
  synchronized Chunk takeChunk(int wanted, int opening, byte[] runId, byte[] key, byte[] modelId) {
    int headBytes = CHUNK_HEAD_BYTES + (key.length + modelId.length + 31) / 32 * 32;
    for (int at = wanted; at >= 0; at--) {
      int kind = KINDS[at];
      // A quarter of the spool for large chunks and one for middle ones: very many keys have small ones.
      boolean isTooMuch = at > 0 && chunksInUse[at] >= extentsMax / 4 * (EXTENT_BYTES >> kind);
      if (isTooMuch || headBytes + Chunk.ROW_BYTES > 1 << kind) continue;
      Slot slot = takeSlot(at);
      if (slot != null) return newChunk(slot, at, headBytes, opening, runId, key, modelId);
    }
    // Only a long key comes here with an empty spool: it needs the middle size at least.
    return wanted == 0 && headBytes + Chunk.ROW_BYTES > 1 << KINDS[0]
        ? takeChunk(1, opening, runId, key, modelId)
        : null;
  }

  private Chunk newChunk(
      Slot slot, int at, int headBytes, int opening, byte[] runId, byte[] key, byte[] modelId) {
    number = Marks.numberAfter(number);
    ByteBuffer buffer = slot.extent.buffer;
    int start = slot.start;
    fillZeros(buffer, start, 1 << KINDS[at]);
    buffer.putInt(start + 8, opening);
    buffer.putShort(start + 12, (short) key.length);
    buffer.putShort(start + 14, (short) modelId.length);
    putBytes(buffer, start + 16, runId);
    putBytes(buffer, start + CHUNK_HEAD_BYTES, key);
    putBytes(buffer, start + CHUNK_HEAD_BYTES + key.length, modelId);
    Marks.store(buffer, start, number);
    slot.extent.used++;
    chunksInUse[at]++;
    return new Chunk(slot.extent, start, KINDS[at], headBytes, number);
  }

  private Slot takeSlot(int at) {
    Slot slot = freeSlots.get(at).poll();
    if (slot != null) return slot;
    Extent extent = takeExtent(KINDS[at]);
    if (extent == null) return null;
    for (int start = 0; start < EXTENT_BYTES; start += 1 << KINDS[at]) {
      freeSlots.get(at).add(new Slot(extent, start));
    }
    return freeSlots.get(at).poll();
  }

  /** Nothing of the chunk is needed any more. */
  synchronized void release(Chunk chunk) {
    int at = 0;
    while (KINDS[at] != chunk.kind) at++;
    chunksInUse[at]--;
    chunk.extent.used--;
    freeSlots.get(at).push(new Slot(chunk.extent, chunk.start));
  }

  /** Writes a record; null when the spool is full. */
  synchronized Record write(int kind, int opening, byte[] runId, byte[] payload, int entries, String key) {
    int bytes = (RECORD_HEAD_BYTES + payload.length + 15) / 16 * 16;
    if (records == null || records.end + bytes > EXTENT_BYTES) {
      RecordExtent next = bytes > EXTENT_BYTES - CHUNK_HEAD_BYTES ? null : takeRecordExtent();
      if (next == null) return null;
      if (records != null) {
        records.isFull = true;
        freeIfSettled(records);
      }
      records = next;
    }
    ByteBuffer buffer = records.extent.buffer;
    int start = records.end;
    buffer.putInt(start + 8, payload.length);
    putBytes(buffer, start + 16, runId);
    buffer.putInt(start + 32, opening);
    buffer.putInt(start + 36, kind);
    putBytes(buffer, start + RECORD_HEAD_BYTES, payload);
    buffer.putInt(start + 12, checksum(buffer, start, payload));
    Marks.store(buffer, start, records.turn);
    records.end += bytes;
    records.unacknowledged++;
    return new Record(records, start, payload.length, entries, key);
  }

  private static int checksum(ByteBuffer buffer, int start, byte[] payload) {
    CRC32 crc = new CRC32();
    byte[] head = new byte[24];
    for (int index = 0; index < head.length; index++) head[index] = buffer.get(start + 16 + index);
    crc.update(head);
    crc.update(payload);
    return (int) crc.getValue();
  }

  private RecordExtent takeRecordExtent() {
    Extent extent = takeExtent(RECORDS);
    if (extent == null) return null;
    number = Marks.numberAfter(number);
    Marks.store(extent.buffer, 0, number);
    return new RecordExtent(extent, number);
  }

  /** The record's batch was acknowledged. */
  synchronized void acknowledge(Record record) {
    record.home.unacknowledged--;
    freeIfSettled(record.home);
  }

  private void freeIfSettled(RecordExtent each) {
    if (each.isFull && each.unacknowledged == 0) freeExtents.add(each.extent);
  }

  private Extent takeExtent(int kind) {
    Extent extent = freeExtents.poll();
    if (extent != null) fillZeros(extent.buffer, 0, EXTENT_BYTES);
    if (extent == null && extents.size() < extentsMax) extent = newExtent();
    if (extent == null) extent = unusedExtent();
    if (extent == null) return null;
    extent.kind = kind;
    if (extent.index >= 0) head.put(TABLE_AT + extent.index, (byte) kind);
    return extent;
  }

  /** An extent of chunks of which none is in use, emptied. */
  private Extent unusedExtent() {
    for (Extent each : extents) {
      if (each.kind == RECORDS || each.used > 0) continue;
      for (ArrayDeque<Slot> slots : freeSlots) slots.removeIf(slot -> slot.extent == each);
      fillZeros(each.buffer, 0, EXTENT_BYTES);
      return each;
    }
    return null;
  }

  private Extent newExtent() {
    Extent extent = null;
    try {
      if (file != null && !isDiskFull) extent = newExtentInFile();
    } catch (IOException error) {
      isDiskFull = true;
      Warnings.warn(
          new StepwellException(
              "STEPWELL_SPOOL_UNAVAILABLE",
              "No more of the spool " + file + " can be written (" + error + "): what is logged from now on is in this"
                  + " process's memory alone until the daemon has it."));
    }
    try {
      if (extent == null) extent = new Extent(-1, ordered(ByteBuffer.allocateDirect(EXTENT_BYTES)));
    } catch (OutOfMemoryError error) {
      return null;
    }
    extents.add(extent);
    return extent;
  }

  private Extent newExtentInFile() throws IOException {
    int index = 0;
    for (Extent each : extents) index = Math.max(index, each.index + 1);
    long at = HEAD_BYTES + (long) index * EXTENT_BYTES;
    writeZeros(channel, at, EXTENT_BYTES);
    return new Extent(index, ordered(channel.map(FileChannel.MapMode.READ_WRITE, at, EXTENT_BYTES)));
  }

  /** Bytes of extents that are in use, about. */
  synchronized long usedBytes() {
    return (long) (extents.size() - freeExtents.size()) * EXTENT_BYTES;
  }

  /** Ends the use of the file; it is removed when the daemon has all of it. */
  synchronized void close(boolean isAcknowledged) {
    if (file == null) return;
    try {
      channel.close();
      if (isAcknowledged) Files.deleteIfExists(file);
    } catch (IOException error) {
      Warnings.say("the spool " + file + " could not be removed: " + error.getMessage());
    }
  }

  /** A full disk is met here, and not by a store to memory. */
  private static void writeZeros(FileChannel channel, long at, int bytes) throws IOException {
    ByteBuffer zeros = ZEROS.duplicate();
    zeros.limit(bytes);
    while (zeros.hasRemaining()) channel.write(zeros, at + zeros.position());
  }

  private static void fillZeros(ByteBuffer buffer, int at, int bytes) {
    ByteBuffer zeros = ZEROS.duplicate();
    zeros.limit(bytes);
    buffer.duplicate().position(at).put(zeros);
  }

  private static void putBytes(ByteBuffer buffer, int at, byte[] bytes) {
    buffer.duplicate().position(at).put(bytes);
  }

  private static ByteBuffer ordered(ByteBuffer buffer) {
    return buffer.order(ByteOrder.LITTLE_ENDIAN);
  }
}
