package io.stepwell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stepwell.v1.GetRunDataResponse;
import io.stepwell.v1.GetRunResponse;
import io.stepwell.v1.RunStatus;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs in processes of their own: killed ones, and the examples. */
class ProgramsTest {
  private static final Path EXAMPLES = Path.of("examples");
  private DaemonHome home;

  @BeforeEach
  void start() throws IOException {
    home = new DaemonHome();
  }

  @AfterEach
  void end() throws IOException {
    home.close();
  }

  private Process program(String classPath, Map<String, String> environment, String... words) throws IOException {
    List<String> line = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    // It lives for a moment.
    line.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp", classPath));
    line.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** Starts a program that logs, and kills it after so many calls; answers its run and the calls that had returned. */
  private String[] killed(Map<String, String> environment, long calls) throws Exception {
    Process process = program(System.getProperty("java.class.path"), environment, MortalProgram.class.getName());
    String runId;
    String returned = "0";
    try (BufferedReader lines = new BufferedReader(new java.io.InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      runId = lines.readLine();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        returned = line;
        if (Long.parseLong(line) >= calls) process.toHandle().destroyForcibly();
      }
    }
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    return new String[] {runId, returned};
  }

  @Test
  @DisplayName("a killed program loses no call that returned: without a daemon, and with one")
  void killed() throws Exception {
    List<String[]> programs = new ArrayList<>();
    programs.add(killed(home.with("STEPWELL_AUTOSTART", "0"), 300_000));
    assertEquals(1, home.spools().size());
    try (Stepwell client = home.client()) {
      // Starts the daemon.
      client.status();
      programs.add(killed(home.environment, 300_000));
      for (String[] each : programs) {
        String runId = each[0];
        long returned = Long.parseLong(each[1]);
        DaemonHome.until("the run " + runId + " is ended", () -> hasEnded(client, runId));
        GetRunResponse run = client.describe(runId);
        assertEquals(RunStatus.RUN_STATUS_KILLED, run.getRun().getStatus());
        DaemonHome.drain(client);
        GetRunDataResponse data = DaemonHome.data(client, runId);
        long last = DaemonHome.metric(data, "loss").getStep();
        assertTrue(last >= returned - 1, last + " is the last, and " + returned + " returned");
        // Each step once, from 0 on.
        assertEquals(last + 1, client.describe(runId).getRun().getDeliveries(0).getDeliveredPoints());
        assertTrue(data.getParamsCount() >= returned / 1_000, data.getParamsCount() + " params");
        assertEquals("mortal", run.getRun().getRunName());
      }
      DaemonHome.until("no spool is left", () -> spools().isEmpty());
    }
  }

  @Test
  @DisplayName("a program that ends and closes nothing has sent all, and left no spool; its run is KILLED, as nobody said how it ended")
  void leaves() throws Exception {
    Process process = program(System.getProperty("java.class.path"), home.environment, MortalProgram.class.getName(), "5000");
    String runId = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).split("\n")[0];
    assertEquals(0, process.waitFor());
    assertEquals(List.of(), home.spools());
    try (Stepwell client = home.client()) {
      assertEquals(5_000, client.describe(runId).getRun().getJournaledPoints());
      DaemonHome.until("the run is ended", () -> hasEnded(client, runId));
      assertEquals(RunStatus.RUN_STATUS_KILLED, client.describe(runId).getRun().getStatus());
    }
  }

  private List<Path> spools() {
    try {
      return home.spools();
    } catch (IOException error) {
      throw new AssertionError(error);
    }
  }

  private static boolean hasEnded(Stepwell client, String runId) {
    try {
      return client.describe(runId).getRun().getEndTimeMs() > 0;
    } catch (StepwellException error) {
      assertEquals("STEPWELL_RUN_UNKNOWN", error.code());
      return false;
    }
  }

  @Test
  @DisplayName("the examples, which README.md shows, compile and do what they say")
  void examples(@TempDir Path classes) throws Exception {
    List<Path> sources;
    try (var files = Files.list(EXAMPLES)) {
      sources = files.filter(each -> each.toString().endsWith(".java")).sorted().collect(Collectors.toList());
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<String> arguments = new ArrayList<>(List.of("-proc:none", "--release", "11", "-Werror", "-Xlint:all", "-d", classes.toString()));
    for (Path each : sources) arguments.add(each.toString());
    assertEquals(0, compiler.run(null, null, null, arguments.toArray(new String[0])));
    String classPath = classes + File.pathSeparator + System.getProperty("java.class.path");
    List<String> said = new ArrayList<>();
    for (String each : List.of("TrainAndLog", "WatchRun", "RegisterTracker")) {
      // One of them by Java's own sockets, as where netty has none.
      List<String> words = new ArrayList<>(List.of(each));
      if (each.equals("WatchRun")) words.add(0, "-Dio.grpc.netty.shaded.io.netty.transport.noNative=true");
      Process process = program(classPath, home.environment, words.toArray(new String[0]));
      said.add(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim());
      assertEquals(0, process.waitFor(), each);
    }
    assertEquals(3, sources.size());
    try (Stepwell client = home.client()) {
      io.stepwell.v1.Run trained = client.describe(said.get(0)).getRun();
      assertEquals(1_002, trained.getJournaledPoints());
      assertEquals(RunStatus.RUN_STATUS_FINISHED, trained.getStatus());
      assertTrue(said.get(1).matches("(?s).*10000 points are on disk.*"), said.get(1));
      assertEquals("team uses the key token of the secret mlflow", said.get(2));
      assertTrue(client.trackers().stream().anyMatch(each -> each.getName().equals("team")));
    }
  }
}
