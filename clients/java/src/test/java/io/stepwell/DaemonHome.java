package io.stepwell;

import com.google.gson.JsonParser;
import io.stepwell.v1.DaemonServiceGrpc;
import io.stepwell.v1.FlushRequest;
import io.stepwell.v1.GetRunDataRequest;
import io.stepwell.v1.GetRunDataResponse;
import io.stepwell.v1.RunMetric;
import io.stepwell.v1.RunsServiceGrpc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** A home of a test's own, whose daemon is the one that was built beside; whoever needs it starts it. */
final class DaemonHome implements AutoCloseable {
  static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
  static final String COMMAND = "node " + ROOT.resolve("build/stepwell.js");

  final Path folder;
  final Map<String, String> environment;

  DaemonHome() throws IOException {
    folder = Files.createTempDirectory("stepwell-test-");
    environment = new HashMap<>(System.getenv());
    environment.keySet().removeIf(name -> name.startsWith("STEPWELL_"));
    environment.put("STEPWELL_HOME", folder.toString());
    environment.put("STEPWELL_COMMAND", COMMAND);
    // What runs say of themselves is tested for itself, and the keychain of whoever runs the tests is none of theirs.
    environment.put("STEPWELL_QUIET", "1");
    environment.put("DBUS_SESSION_BUS_ADDRESS", "unix:path=/none");
  }

  Stepwell client() {
    return Stepwell.open(environment);
  }

  Map<String, String> with(String name, String value) {
    Map<String, String> changed = new HashMap<>(environment);
    changed.put(name, value);
    return changed;
  }

  /** The endpoint file as a daemon writes it. */
  void writeEndpoint(String endpoint, String home, String homeId) throws IOException {
    String content =
        String.format(
            "{\"format\":1,\"pid\":4194305,\"endpoint\":\"%s\",\"version\":\"0\",\"home\":\"%s\",\"home_id\":\"%s\",\"started_ms\":0}",
            endpoint, home, homeId);
    Path file = folder.resolve("endpoint.json");
    Files.writeString(file, content);
    Files.setPosixFilePermissions(file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
  }

  /** Waits until the daemon's backends have confirmed everything. */
  static void drain(Stepwell client) {
    boolean isDrained =
        client.calls().call(
            channel ->
                DaemonServiceGrpc.newBlockingStub(channel)
                    .flush(FlushRequest.newBuilder().setTimeoutMs(120_000).build())
                    .getDrained());
    if (!isDrained) throw new AssertionError("not drained: " + client.status());
  }

  static GetRunDataResponse data(Stepwell client, String runId) {
    GetRunDataRequest request =
        GetRunDataRequest.newBuilder().setRunId(runId).setCurves(50).setCurvePoints(1_000).build();
    return client.calls().call(channel -> RunsServiceGrpc.newBlockingStub(channel).getRunData(request));
  }

  static RunMetric metric(GetRunDataResponse data, String key) {
    return data.getMetricsList().stream()
        .filter(each -> each.getKey().equals(key))
        .findFirst()
        .orElseThrow(() -> new AssertionError(key + " is not among " + data.getMetricsList()));
  }

  long daemonPid() {
    try {
      String text = Files.readString(folder.resolve("endpoint.json"));
      return JsonParser.parseString(text).getAsJsonObject().get("pid").getAsLong();
    } catch (IOException | RuntimeException error) {
      return -1;
    }
  }

  void killDaemon() {
    ProcessHandle.of(daemonPid()).ifPresent(ProcessHandle::destroyForcibly);
    until("the daemon is gone", () -> ProcessHandle.of(daemonPid()).filter(ProcessHandle::isAlive).isEmpty());
  }

  List<Path> spools() throws IOException {
    Path spool = folder.resolve("client-spools");
    if (!Files.isDirectory(spool)) return List.of();
    try (var files = Files.list(spool)) {
      return files.filter(each -> each.toString().endsWith(".spool")).collect(Collectors.toList());
    }
  }

  /** Waits for a condition, for two minutes at most. */
  static void until(String what, BooleanSupplier isSo) {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (!isSo.getAsBoolean()) {
      if (System.nanoTime() > deadline) throw new AssertionError("it did not come to this: " + what);
      try {
        Thread.sleep(5);
      } catch (InterruptedException error) {
        throw new AssertionError(error);
      }
    }
  }

  @Override
  public void close() throws IOException {
    killDaemon();
    try (var files = Files.walk(folder)) {
      for (Path each : files.sorted(Comparator.reverseOrder()).collect(Collectors.toList())) Files.deleteIfExists(each);
    }
  }
}
