package io.stepwell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stepwell.v1.GetRunDataResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The client at a real daemon, which all tests share. */
class RealDaemonTest {
  private static DaemonHome home;
  private static Stepwell client;

  @BeforeAll
  static void start() throws IOException {
    home = new DaemonHome();
    client = home.client();
  }

  @AfterAll
  static void end() throws IOException {
    client.close();
    assertEquals(List.of(), home.spools(), "a spool that was acknowledged is removed");
    home.close();
  }

  @Test
  @DisplayName("what is logged in all ways arrives once and unchanged")
  void arrives() throws Exception {
    Run run = client.run().experiment("all ways").name("first").tag("team", "vision").start();
    for (int step = 0; step < 10_000; step++) run.logMetric("loss", 1.0 / (step + 1), step);
    run.logMetrics(Map.of("a", 1, "b", 2.5), -3);
    run.logMetric("nan", Double.NaN, Long.MAX_VALUE, 17, null);
    run.logSeries("curve", new long[] {Long.MIN_VALUE, 2}, new double[] {0.5, Double.POSITIVE_INFINITY}, new long[] {5, 6});
    run.logParam("rate", 0.1);
    run.setTag("color", "grün");
    run.end(RunStatus.FINISHED);
    client.flush();
    DaemonHome.drain(client);
    GetRunDataResponse data = DaemonHome.data(client, run.id());
    assertEquals(1.0 / 10_000, DaemonHome.metric(data, "loss").getValue());
    assertEquals(9_999, DaemonHome.metric(data, "loss").getStep());
    assertEquals(2.5, DaemonHome.metric(data, "b").getValue());
    assertEquals(-3, DaemonHome.metric(data, "b").getStep());
    assertTrue(Double.isNaN(DaemonHome.metric(data, "nan").getValue()));
    assertEquals(Long.MAX_VALUE, DaemonHome.metric(data, "nan").getStep());
    assertEquals(17, DaemonHome.metric(data, "nan").getTimestampMs());
    assertEquals(List.of(Long.MIN_VALUE, 2L), DaemonHome.metric(data, "curve").getCurveStepsList());
    assertEquals("0.1", data.getParams(0).getValue());
    Map<String, String> tags =
        data.getTagsList().stream()
            .filter(tag -> !tag.getKey().startsWith("mlflow."))
            .collect(Collectors.toMap(tag -> tag.getKey(), tag -> tag.getValue()));
    assertEquals("grün", tags.get("color"));
    assertEquals("vision", tags.get("team"));
    io.stepwell.v1.Run seen = client.describe(run.id()).getRun();
    assertEquals(10_005, seen.getJournaledPoints());
    assertEquals(10_005, seen.getDeliveries(0).getDeliveredPoints());
    assertEquals("first", seen.getRunName());
    assertEquals("all ways", seen.getExperimentName());
    assertEquals(io.stepwell.v1.RunStatus.RUN_STATUS_FINISHED, seen.getStatus());
  }

  @Test
  @DisplayName("a run ends as its block does")
  void statuses() throws Exception {
    String[] ids = new String[3];
    client.run().during(run -> ids[0] = run.id());
    assertThrows(
        IOException.class,
        () ->
            client.run().during(
                run -> {
                  ids[1] = run.id();
                  throw new IOException("no");
                }));
    assertThrows(
        InterruptedException.class,
        () ->
            client.run().during(
                run -> {
                  ids[2] = run.id();
                  throw new InterruptedException();
                }));
    client.flush();
    assertEquals(io.stepwell.v1.RunStatus.RUN_STATUS_FINISHED, client.describe(ids[0]).getRun().getStatus());
    assertEquals(io.stepwell.v1.RunStatus.RUN_STATUS_FAILED, client.describe(ids[1]).getRun().getStatus());
    assertEquals(io.stepwell.v1.RunStatus.RUN_STATUS_KILLED, client.describe(ids[2]).getRun().getStatus());
    try (Run again = client.run().resume(ids[1]).start()) {
      client.flush();
      assertEquals(io.stepwell.v1.RunStatus.RUN_STATUS_RUNNING, client.describe(ids[1]).getRun().getStatus());
      again.logMetric("more", 1);
    }
    client.flush();
    assertEquals(io.stepwell.v1.RunStatus.RUN_STATUS_FINISHED, client.describe(ids[1]).getRun().getStatus());
  }

  @Test
  @DisplayName("a program that was given a run logs to it and does not end it")
  void attaches() throws Exception {
    Run run = client.run().start();
    try (Stepwell other = Stepwell.open(home.with("STEPWELL_RUN_ID", run.id()))) {
      Run attached = other.run().experiment("not this one").start();
      assertEquals(run.id(), attached.id());
      attached.logMetric("theirs", 2);
      attached.close();
      assertThrows(StepwellException.class, () -> attached.logMetric("theirs", 3));
      other.flush();
    }
    try (Stepwell other = Stepwell.open(home.environment);
        Run attached = other.attach(run.id())) {
      attached.logMetric("theirs by hand", 4);
      other.flush();
    }
    assertEquals(io.stepwell.v1.RunStatus.RUN_STATUS_RUNNING, client.describe(run.id()).getRun().getStatus());
    assertEquals(2, client.describe(run.id()).getRun().getJournaledPoints());
    run.close();
    client.flush();
  }

  @Test
  @DisplayName("artifacts go to the tracker's own place")
  void artifacts(@org.junit.jupiter.api.io.TempDir Path folder) throws Exception {
    Path model = Files.createDirectories(folder.resolve("model"));
    Files.writeString(model.resolve("weights ä.txt"), "1 2 3");
    // Another test registers a tracker, to which new runs go from then on.
    Run run = client.run().trackers("default").start();
    run.logArtifact(model, "best");
    run.logText("note", "notes/a.txt");
    DaemonHome.until("both files are there", () -> artifactsOf(run.id()).size() == 2);
    assertEquals(List.of("best/model/weights \u00e4.txt", "notes/a.txt"), artifactsOf(run.id()));
    StepwellException error = assertThrows(StepwellException.class, () -> run.logText("x", "../x"));
    assertEquals("STEPWELL_ARTIFACT_INVALID", error.code());
    run.close();
  }

  private static List<String> artifactsOf(String runId) {
    String mark = runId + "/artifacts/";
    try (var files = Files.walk(home.folder.resolve("artifact_stores"))) {
      return files
          .filter(Files::isRegularFile)
          .map(Path::toString)
          .filter(each -> each.contains(mark))
          .map(each -> each.substring(each.indexOf(mark) + mark.length()))
          .sorted()
          .collect(Collectors.toList());
    } catch (IOException | java.io.UncheckedIOException error) {
      // What is being made meanwhile is looked for again.
      return List.of();
    }
  }

  @Test
  @DisplayName("stacks, trackers and secrets are read and made, and the daemon's errors have its code and remedy")
  void administers() {
    client.createSecret("server", Map.of("token", "secret-value"));
    var tracker = client.registerTracker("team", Map.of("tracking_uri", "http://127.0.0.1:9", "tracking_token", "{{server.token}}"));
    assertEquals("team", tracker.getName());
    assertTrue(client.trackers().stream().anyMatch(each -> each.getName().equals("team")));
    assertTrue(client.stacks().stream().anyMatch(each -> each.getActive()));
    assertEquals("default", client.activeStack().getName());
    StepwellException error = assertThrows(StepwellException.class, () -> client.registerTracker("team", Map.of()));
    assertEquals("STEPWELL_NAME_TAKEN", error.code());
    assertTrue(!error.sentence().isEmpty() && !error.remedy().isEmpty(), error.getMessage());
    assertEquals("STEPWELL_RUN_UNKNOWN", assertThrows(StepwellException.class, () -> client.describe("0000")).code());
  }

  @Test
  @DisplayName("the daemon's state is watched until the watch is closed")
  void watches() throws Exception {
    Watch watch = client.watchState(Duration.ofMillis(50));
    long before = watch.next().getJournaledPoints();
    try (Run run = client.run().start()) {
      run.logMetric("seen", 1);
      client.flush();
    }
    long after = before;
    while (after == before) after = watch.next().getJournaledPoints();
    watch.close();
    while (watch.hasNext()) watch.next();
  }
}
