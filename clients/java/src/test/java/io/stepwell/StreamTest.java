package io.stepwell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.stepwell.v1.EntryKind;
import io.stepwell.v1.Hello;
import io.stepwell.v1.IngestResponse;
import io.stepwell.v1.Rejection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The producer's side of a stream, at a daemon that does as it is told. */
class StreamTest {
  private DaemonHome home;
  private FakeDaemon daemon;
  private Stepwell client;

  @BeforeEach
  void start() throws IOException {
    home = new DaemonHome();
    home.environment.put("STEPWELL_AUTOSTART", "0");
    home.environment.put("STEPWELL_EXIT_TIMEOUT", "0.2");
    daemon = new FakeDaemon(home.folder.resolve("fake.sock"));
    daemon.home = home.folder.toString();
    home.writeEndpoint(daemon.endpoint(), home.folder.toString(), daemon.homeId);
    client = home.client();
  }

  @AfterEach
  void end() throws Exception {
    daemon.isSilent = false;
    client.close();
    daemon.close();
    java.nio.file.Files.deleteIfExists(home.folder.resolve("endpoint.json"));
    home.close();
  }

  private static List<Long> range(long from, long to) {
    return LongStream.range(from, to).boxed().collect(Collectors.toList());
  }

  private Run logged(int points) {
    Run run = client.run().start();
    for (int step = 0; step < points; step++) run.logMetric("loss", step, step);
    return run;
  }

  @Test
  @DisplayName("a sequence that the daemon missed is sent again, with all behind it")
  void rewinds() throws Exception {
    daemon.messageMax = 2_000;
    boolean[] wasLost = new boolean[1];
    daemon.loses =
        batch -> {
          boolean isNow = batch.getSequence() == 3 && !wasLost[0];
          wasLost[0] |= isNow;
          return isNow;
        };
    logged(1_000).close();
    client.flush();
    assertTrue(wasLost[0]);
    assertEquals(range(0, 1_000), daemon.steps("loss"));
    assertEquals(1_000, client.stats().acknowledged());
  }

  @Test
  @DisplayName("a stream that is cut is opened again with a higher epoch, and what was not acknowledged is sent again as it was")
  void reconnects() throws Exception {
    daemon.messageMax = 1_000;
    daemon.isSilent = true;
    Run run = logged(100);
    DaemonHome.until("all was sent", () -> daemon.points() == 100);
    long before = daemon.journaled;
    // It has forgotten the last two.
    daemon.journaled = before - 2;
    List<io.stepwell.v1.Batch> first = daemon.batches();
    daemon.isSilent = false;
    daemon.cut(Status.UNAVAILABLE.withDescription("stopping"), "STEPWELL_DAEMON_STOPPING");
    run.end(RunStatus.FAILED);
    client.flush();
    Hello again = daemon.hellos.get(1);
    assertTrue(again.getEpoch() > daemon.hellos.get(0).getEpoch());
    assertEquals(daemon.hellos.get(0).getProducerId(), again.getProducerId());
    assertEquals(1, again.getFirstUnacknowledgedSequence());
    assertEquals(first, daemon.batches().subList(0, first.size()));
    assertEquals(range(0, 100), daemon.steps("loss"));
    assertEquals(100, client.stats().sent());
    assertEquals(2, client.stats().connects());
    assertTrue(daemon.authorities.stream().allMatch("localhost"::equals), daemon.authorities.toString());
  }

  @Test
  @DisplayName("a batch's sequence is in the spool before the batch is sent")
  void marks() throws Exception {
    List<Long> unmarked = java.util.Collections.synchronizedList(new ArrayList<>());
    daemon.says =
        batch -> {
          if (marked(batch.getSequence()) < FakeDaemon.points(batch)) unmarked.add(batch.getSequence());
          return List.of();
        };
    Run run = client.run().start();
    for (int step = 0; step < 50_000; step++) run.logMetric("k" + step % 7, step, step);
    client.flush();
    assertEquals(50_000, daemon.points());
    assertEquals(List.of(), unmarked);
    assertEquals(0, marked(1_000_000));
  }

  /** Rows in the spool's file that have a sequence. */
  private long marked(long sequence) {
    try {
      ByteBuffer file = ByteBuffer.wrap(java.nio.file.Files.readAllBytes(home.spools().get(0))).order(ByteOrder.LITTLE_ENDIAN);
      long found = 0;
      for (int extent = 0; 65_536 + extent * 262_144 < file.capacity(); extent++) {
        if (file.get(2_048 + extent) < 9) continue;
        for (int at = 0; at < 262_144; at += 32) {
          if ((file.getLong(65_536 + extent * 262_144 + at + 24) & (1L << 40) - 1) == sequence) found++;
        }
      }
      return found;
    } catch (IOException error) {
      throw new AssertionError(error);
    }
  }

  @Test
  @DisplayName("no more bytes are under way than the daemon allows, and no message is too large")
  void window() throws Exception {
    daemon.isSilent = true;
    daemon.window = 60_000;
    daemon.messageMax = 20_000;
    Run run = logged(10_000);
    run.logSeries("curve", new long[5_000], new double[5_000]);
    DaemonHome.until("the window is full", () -> requestBytes() > 60_000 - 20_000);
    long acknowledged = 0;
    while (daemon.points() < 15_000) {
      long seen = requestBytes();
      assertTrue(seen - acknowledged <= 60_000, seen + " bytes, of which " + acknowledged + " are acknowledged");
      acknowledged = seen;
      daemon.acknowledge();
      DaemonHome.until("more comes", () -> requestBytes() > seen || daemon.points() == 15_000);
    }
    daemon.isSilent = false;
    daemon.acknowledge();
    client.flush();
    assertTrue(daemon.requests.stream().allMatch(each -> each[0] <= 20_000));
    assertEquals(15_000, client.stats().acknowledged());
  }

  private long requestBytes() {
    synchronized (daemon) {
      return daemon.requests.stream().mapToLong(each -> each[0]).sum();
    }
  }

  @Test
  @DisplayName("a refused entry is counted once, however often its batch is sent")
  void refuses() throws Exception {
    daemon.says =
        batch ->
            batch.getParamsCount() == 0
                ? List.of()
                : List.of(
                    IngestResponse.newBuilder()
                        .setRejection(
                            Rejection.newBuilder()
                                .setSequence(batch.getSequence())
                                .setKind(EntryKind.ENTRY_KIND_PARAM)
                                .setIndex(0)
                                .setEntries(1)
                                .setCode("STEPWELL_PARAM_CHANGED"))
                        .build());
    daemon.isSilent = true;
    Run run = client.run().start();
    run.logParams(Map.of("a", 1));
    run.logMetric("loss", 1);
    DaemonHome.until("it was refused", () -> client.stats().rejected() == 1);
    daemon.journaled = 0;
    daemon.isSilent = false;
    daemon.cut(Status.UNAVAILABLE, null);
    client.flush();
    assertEquals(1, client.stats().rejected());
    assertEquals(1, client.stats().acknowledged());
    java.io.PrintStream before = System.err;
    java.io.ByteArrayOutputStream said = new java.io.ByteArrayOutputStream();
    System.setErr(new java.io.PrintStream(said, true, java.nio.charset.StandardCharsets.UTF_8));
    try {
      client.run().start().logParams(Map.of("a", 2));
      client.run().start().logParams(Map.of("b", 3));
      client.flush();
    } finally {
      System.setErr(before);
    }
    assertEquals(3, client.stats().rejected());
    // That of "a" was told before.
    String told = said.toString(java.nio.charset.StandardCharsets.UTF_8);
    assertEquals(1, told.lines().filter(line -> line.contains("STEPWELL_PARAM_CHANGED")).count(), told);
  }

  @Test
  @DisplayName("after an error that is final nothing is sent, flush says why, and log calls go on")
  void fenced() throws Exception {
    Run run = logged(1);
    client.flush();
    daemon.cut(Status.FAILED_PRECONDITION.withDescription("fenced"), "STEPWELL_PRODUCER_FENCED");
    run.logMetric("loss", 2);
    StepwellException error = assertThrows(StepwellException.class, () -> client.flush());
    assertEquals("STEPWELL_PRODUCER_FENCED", error.code());
    run.logMetric("loss", 3);
    assertEquals(1, daemon.hellos.size());
  }

  @Test
  @DisplayName("a home with another id gets the starts of the runs that go on")
  void otherHome() throws Exception {
    Run run = client.run().name("long").start();
    run.logMetric("loss", 1);
    client.flush();
    synchronized (daemon) {
      daemon.homeId = "1".repeat(32);
      // It knows nothing of the run, and takes what comes next.
      daemon.taken.clear();
    }
    home.writeEndpoint(daemon.endpoint(), home.folder.toString(), daemon.homeId);
    daemon.cut(Status.UNAVAILABLE, null);
    run.logMetric("loss", 2, 1);
    client.flush();
    // Entries wait there for their run's start.
    DaemonHome.until(
        "the run is begun again",
        () -> daemon.batches().stream().anyMatch(batch -> batch.getRunStart().getRunName().equals("long")));
    assertEquals(List.of(1L), daemon.steps("loss"));
  }

  @Test
  @DisplayName("flush gives up at its time and says what is left, and the client goes on")
  void flushTimesOut() throws Exception {
    daemon.isSilent = true;
    logged(3);
    StepwellException error =
        assertThrows(StepwellException.class, () -> client.flush(Duration.ofMillis(200)));
    assertEquals("STEPWELL_FLUSH_TIMEOUT", error.code());
    assertTrue(error.sentence().contains("After 0.2 s 3 entries"), error.sentence());
    daemon.isSilent = false;
    daemon.acknowledge();
    client.flush();
  }

  @Test
  @DisplayName("a full spool drops the newest, counts them, and takes more once there is room; the run's end arrives")
  void full() throws Exception {
    client = Stepwell.open(home.with("STEPWELL_BUFFER_BYTES", "1048576"));
    daemon.isSilent = true;
    daemon.window = 10_000;
    Run run = logged(100_000);
    long dropped = client.stats().dropped();
    assertTrue(dropped > 60_000 && dropped < 100_000, dropped + " were dropped");
    daemon.isSilent = false;
    daemon.acknowledge();
    client.flush();
    run.logMetric("later", 1);
    run.close();
    client.flush();
    assertEquals(100_000 - dropped, daemon.steps("loss").size());
    assertEquals(1, daemon.steps("later").size());
    assertTrue(daemon.batches().stream().anyMatch(batch -> batch.hasRunEnd()));
    assertEquals(dropped, client.stats().dropped());
  }

  @Test
  @DisplayName("what several threads log to one key arrives once, over many uses of the same places")
  void threads() throws Exception {
    client = Stepwell.open(home.with("STEPWELL_BUFFER_BYTES", "67108864"));
    Run run = client.run().start();
    List<Thread> threads = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      long from = thread * 1_000_000L;
      threads.add(
          new Thread(
              () -> {
                for (long step = from; step < from + 100_000; step++) run.logMetric("k" + step % 3, step, step);
              }));
    }
    threads.forEach(Thread::start);
    for (Thread each : threads) each.join();
    run.close();
    client.flush();
    assertEquals(0, client.stats().dropped());
    List<Long> steps = new ArrayList<>();
    for (String key : List.of("k0", "k1", "k2")) steps.addAll(daemon.steps(key));
    assertEquals(400_000, steps.size());
    assertEquals(400_000, new HashSet<>(steps).size());
    List<io.stepwell.v1.Batch> batches = daemon.batches();
    assertTrue(batches.get(batches.size() - 1).hasRunEnd());
  }

  @Test
  @DisplayName("a run with very many keys arrives whole")
  void manyKeys() throws Exception {
    Run run = client.run().start();
    for (int step = 0; step < 20; step++) {
      for (int key = 0; key < 3_000; key++) run.logMetric("key/" + "x".repeat(key % 200) + key, key, step);
    }
    run.close();
    client.flush();
    assertEquals(60_000, daemon.points());
    assertEquals(0, client.stats().dropped());
  }

  @Test
  @DisplayName("a good end is told, and its spool removed; else the spool stays for the daemon")
  void closes() throws Exception {
    logged(5).close();
    assertEquals(1, home.spools().size());
    client.close();
    assertTrue(daemon.wasClosed);
    assertEquals(List.of(), home.spools());
    daemon.isSilent = true;
    daemon.journaled = 0;
    client = home.client();
    Run run = logged(5);
    client.close();
    assertEquals(1, home.spools().size());
    assertEquals("STEPWELL_CLIENT_CLOSED", assertThrows(StepwellException.class, () -> client.run().start()).code());
    assertFalse(run.hasEnded() && client.stats().acknowledged() > 0);
  }
}
