package io.stepwell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stepwell.v1.Batch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The spool's file, read as docs/decisions/0014-spool.md describes it and by none of the client's code. */
class SpoolTest {
  private static final byte[] PRODUCER = Hex.bytes("00112233445566778899aabbccddeeff");
  private static final byte[] RUN = Hex.bytes("0123456789abcdef0123456789abcdef");
  private static final int HEAD = 65_536;
  private static final int EXTENT = 262_144;

  @TempDir Path folder;

  private Spool spool(long bytesMax) throws IOException {
    return Spool.inFile(folder.resolve("spool").resolve("a.spool"), PRODUCER, "1.2.3", bytesMax);
  }

  private ByteBuffer file() throws IOException {
    return ByteBuffer.wrap(Files.readAllBytes(folder.resolve("spool").resolve("a.spool"))).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static String text(ByteBuffer file, int at, int bytes) {
    byte[] found = Arrays.copyOfRange(file.array(), at, at + bytes);
    return new String(found, StandardCharsets.UTF_8).replaceAll("\0+$", "");
  }

  @Test
  @DisplayName("the head says whose it is, and nobody else may read it")
  void head() throws IOException {
    spool(1 << 24);
    ByteBuffer file = file();
    assertEquals(HEAD, file.capacity());
    assertEquals("STEPSPOL", text(file, 0, 8));
    assertEquals(1, file.getInt(8));
    assertEquals(EXTENT, file.getInt(12));
    assertEquals(Hex.of(PRODUCER), Hex.of(Arrays.copyOfRange(file.array(), 16, 32)));
    assertEquals(ThisProcess.identity().getBootId(), text(file, 32, 40));
    assertEquals(ThisProcess.identity().getPidNamespace(), file.getLong(72));
    assertEquals(ProcessHandle.current().pid(), file.getLong(80));
    assertEquals(ThisProcess.identity().getStartTicks(), file.getLong(88));
    assertNotEquals(0, file.getLong(88));
    assertEquals("java", text(file, 96, 32));
    assertEquals("1.2.3", text(file, 128, 32));
    // As the page of the format says: nothing stands behind that.
    assertEquals(0, file.getLong(160));
    Path spools = folder.resolve("spool");
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(spools)));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(spools.resolve("a.spool"))));
  }

  @Test
  @DisplayName("rows lie in chunks behind their key, with a mark of the chunk's turn and of the sequence")
  void rows() throws IOException {
    Spool spool = spool(1 << 24);
    byte[] key = "lößs".getBytes(StandardCharsets.UTF_8);
    byte[] model = "m-1".getBytes(StandardCharsets.UTF_8);
    Chunk first = spool.takeChunk(0, 3, RUN, "other".getBytes(StandardCharsets.UTF_8), new byte[0]);
    Chunk chunk = spool.takeChunk(1, 7, RUN, key, model);
    assertEquals((512 - 64) / 32, first.rows);
    assertEquals((4_096 - 64) / 32, chunk.rows);
    assertEquals(0, chunk.reserve());
    assertEquals(1, chunk.reserve());
    assertEquals(2, chunk.reserve());
    chunk.write(0, -5, 17, 0.5);
    chunk.write(2, Long.MAX_VALUE, 18, Double.NaN);
    // The place that is not filled ends what the sender takes, and not what counts.
    assertEquals(1, chunk.filled(10, () -> {}));
    chunk.mark(0, 1, 9);
    ByteBuffer file = file();
    assertEquals(9, file.get(2_048));
    assertEquals(12, file.get(2_049));
    assertEquals(0, file.get(2_050));
    int at = HEAD + EXTENT;
    assertEquals(1, file.getLong(HEAD));
    assertEquals(2, file.getLong(at));
    assertEquals(7, file.getInt(at + 8));
    assertEquals(key.length, file.getShort(at + 12));
    assertEquals(model.length, file.getShort(at + 14));
    assertEquals(Hex.of(RUN), Hex.of(Arrays.copyOfRange(file.array(), at + 16, at + 32)));
    assertEquals("lößsm-1", text(file, at + 32, 32));
    assertEquals(-5, file.getLong(at + 64));
    assertEquals(17, file.getLong(at + 72));
    assertEquals(0.5, file.getDouble(at + 80));
    assertEquals(2L << 40 | 9, file.getLong(at + 88));
    assertEquals(0, file.getLong(at + 120));
    assertEquals(Long.MAX_VALUE, file.getLong(at + 128));
    assertEquals(2L << 40, file.getLong(at + 152));
  }

  @Test
  @DisplayName("records have their place, kind, checksum and mark")
  void records() throws IOException {
    Spool spool = spool(1 << 24);
    byte[] start = Records.param("a", "b");
    byte[] tag = Records.tag("c", "ä");
    spool.write(Opening.PARAM, 4, RUN, start, 1, "a");
    spool.write(Opening.TAG, 5, RUN, tag, 1, "c").mark(12);
    ByteBuffer file = file();
    assertEquals(1, file.get(2_048));
    assertEquals(1, file.getLong(HEAD));
    int at = HEAD + 32;
    assertEquals(1L << 40, file.getLong(at));
    assertEquals(start.length, file.getInt(at + 8));
    at += (48 + start.length + 15) / 16 * 16;
    assertEquals(1L << 40 | 12, file.getLong(at));
    assertEquals(tag.length, file.getInt(at + 8));
    CRC32 crc = new CRC32();
    crc.update(file.array(), at + 16, 24);
    crc.update(file.array(), at + 48, tag.length);
    assertEquals((int) crc.getValue(), file.getInt(at + 12));
    assertEquals(5, file.getInt(at + 32));
    assertEquals(5, file.getInt(at + 36));
    assertEquals(0, file.getLong(at + 40));
    byte[] payload = Arrays.copyOfRange(file.array(), at + 48, at + 48 + tag.length);
    assertEquals("ä", Batch.parseFrom(payload).getTags(0).getValue());
  }

  @Test
  @DisplayName("places are used again only once all of them are acknowledged, with another turn, and begin with zeros")
  void usedAgain() throws IOException {
    Spool spool = spool(2 * EXTENT);
    byte[] key = {'k'};
    List<Chunk> chunks = new ArrayList<>();
    for (Chunk each = spool.takeChunk(2, 1, RUN, key, new byte[0]); each != null; ) {
      chunks.add(each);
      each = spool.takeChunk(2, 1, RUN, key, new byte[0]);
    }
    assertNull(spool.takeChunk(0, 1, RUN, key, new byte[0]));
    Chunk first = chunks.get(0);
    first.write(first.reserve(), 1, 2, 3);
    spool.release(first);
    Chunk again = spool.takeChunk(0, 2, RUN, key, new byte[0]);
    assertEquals(first.start, again.start);
    ByteBuffer file = file();
    int at = HEAD + first.extent.index * EXTENT + first.start;
    assertEquals(chunks.size() + 1, file.getLong(at));
    for (int byteAt = at + 64; byteAt < at + 512; byteAt++) assertEquals(0, file.get(byteAt));
    assertTrue(file.capacity() <= HEAD + 2 * EXTENT);
  }

  @Test
  @DisplayName("a number without a turn is not given")
  void turns() {
    assertEquals(1, Marks.numberAfter(0));
    assertEquals((1 << 24) + 1, Marks.numberAfter((1 << 24) - 1));
    assertEquals(1L << 40, Marks.turnOf((1 << 24) + 1));
  }

  @Test
  @DisplayName("records go on in another extent, and one whose records are acknowledged is used for rows")
  void recordExtents() throws IOException {
    Spool spool = spool(2 * EXTENT);
    byte[] payload = new byte[100_000];
    List<Spool.Record> records = new ArrayList<>();
    for (int count = 0; count < 4; count++) records.add(spool.write(Opening.SERIES, 1, RUN, payload, 1, "s"));
    assertNull(spool.write(Opening.SERIES, 1, RUN, payload, 1, "s"));
    assertNull(spool.takeChunk(0, 1, RUN, new byte[] {'k'}, new byte[0]));
    spool.acknowledge(records.get(0));
    assertNull(spool.takeChunk(0, 1, RUN, new byte[] {'k'}, new byte[0]));
    spool.acknowledge(records.get(1));
    Chunk chunk = spool.takeChunk(0, 1, RUN, new byte[] {'k'}, new byte[0]);
    assertEquals(0, chunk.extent.index);
    assertEquals(9, file().get(2_048));
    assertEquals(3, file().getLong(HEAD));
  }

  @Test
  @DisplayName("when no more of the file can be written, what is logged from then on is in memory")
  void fullDisk() throws IOException {
    Spool spool = spool(1 << 24);
    Chunk before = spool.takeChunk(0, 1, RUN, new byte[] {'k'}, new byte[0]);
    // As when the disk is full: nothing can be written to the file, and its mapping is there still.
    spool.close(false);
    Chunk large = spool.takeChunk(2, 1, RUN, new byte[] {'k'}, new byte[0]);
    assertEquals(-1, large.extent.index);
    large.write(large.reserve(), 1, 2, 3);
    assertEquals(1, large.filled(1, () -> {}));
    assertEquals(0, before.extent.index);
    before.write(before.reserve(), 1, 2, 3);
    assertEquals(HEAD + EXTENT, file().capacity());
    assertEquals(0, file().get(2_049));
  }
}
