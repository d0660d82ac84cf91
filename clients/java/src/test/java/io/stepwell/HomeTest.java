package io.stepwell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.Server;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Which home and which daemon: whom the client believes, how it starts one, and where its spool goes. */
class HomeTest {
  private DaemonHome home;
  private FakeDaemon daemon;
  private PrintStream before;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  @BeforeEach
  void start() throws IOException {
    home = new DaemonHome();
    home.environment.put("STEPWELL_EXIT_TIMEOUT", "0.1");
    daemon = new FakeDaemon(home.folder.resolve("fake.sock"));
    daemon.home = home.folder.toString();
    before = System.err;
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void end() throws Exception {
    System.setErr(before);
    Files.setPosixFilePermissions(home.folder, PosixFilePermissions.fromString("rwx------"));
    daemon.close();
    Files.deleteIfExists(home.folder.resolve("endpoint.json"));
    home.close();
  }

  private String said() {
    return said.toString(StandardCharsets.UTF_8);
  }

  /** What a flush of one point says. */
  private StepwellException fault(Map<String, String> environment) throws InterruptedException {
    try (Stepwell client = Stepwell.open(environment)) {
      client.run().start().logMetric("loss", 1);
      return assertThrows(StepwellException.class, () -> client.flush(Duration.ofMillis(700)));
    }
  }

  @Test
  @DisplayName("the home is STEPWELL_HOME, or below XDG_DATA_HOME, or below HOME; a variable that is empty is not set")
  void homes() {
    assertEquals(Path.of("/a/b"), Home.of(Map.of("STEPWELL_HOME", "/a/./b/", "XDG_DATA_HOME", "/x")));
    assertEquals(Path.of("h").toAbsolutePath(), Home.of(Map.of("STEPWELL_HOME", "h")));
    assertEquals(Path.of("/x/stepwell"), Home.of(Map.of("STEPWELL_HOME", "", "XDG_DATA_HOME", "/x", "HOME", "/h")));
    assertEquals(Path.of("/h/.local/share/stepwell"), Home.of(Map.of("XDG_DATA_HOME", "", "HOME", "/h")));
    StepwellException error =
        assertThrows(StepwellException.class, () -> Stepwell.open(Map.of("STEPWELL_HOME", "/h", "STEPWELL_BUFFER_BYTES", "many")));
    assertEquals("STEPWELL_SETTING_INVALID", error.code());
  }

  @Test
  @DisplayName("a home that others may write into is not believed, and nothing is sent; its spool is in memory, which is said")
  void openHome() throws Exception {
    home.writeEndpoint(daemon.endpoint(), home.folder.toString(), daemon.homeId);
    Files.setPosixFilePermissions(home.folder, PosixFilePermissions.fromString("rwxrwx---"));
    StepwellException error = fault(home.environment);
    assertTrue(error.sentence().contains("others may write into it"), error.sentence());
    assertTrue(said().contains("STEPWELL_HOME_OPEN"), said());
    assertTrue(said().contains("STEPWELL_SPOOL_UNAVAILABLE"), said());
    assertEquals(List.of(), home.spools());
    assertEquals(0, daemon.hellos.size());
  }

  @Test
  @DisplayName("an endpoint file that others may write into is not believed")
  void openEndpointFile() throws Exception {
    home.writeEndpoint(daemon.endpoint(), home.folder.toString(), daemon.homeId);
    Files.setPosixFilePermissions(home.folder.resolve("endpoint.json"), PosixFilePermissions.fromString("rw--w----"));
    fault(home.environment);
    assertTrue(said().contains("STEPWELL_HOME_OPEN"), said());
    assertEquals(0, daemon.hellos.size());
  }

  @Test
  @DisplayName("a socket of another user is not spoken to")
  void foreignSocket() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root can give a file away");
    Files.setAttribute(daemon.socket, "unix:uid", 12_345);
    fault(home.with("STEPWELL_ENDPOINT", daemon.endpoint()));
    assertTrue(said().contains("STEPWELL_ENDPOINT_FOREIGN"), said());
    assertEquals(0, daemon.authorities.size());
  }

  @Test
  @DisplayName("the endpoint file of a copied home, and a daemon of another home, are not believed")
  void otherHomes() throws Exception {
    home.environment.put("STEPWELL_AUTOSTART", "0");
    home.writeEndpoint(daemon.endpoint(), "/elsewhere", daemon.homeId);
    StepwellException copied = fault(home.environment);
    assertTrue(copied.sentence().contains("STEPWELL_AUTOSTART is 0"), copied.sentence());
    assertEquals(0, daemon.authorities.size());
    daemon.home = "/elsewhere";
    home.writeEndpoint(daemon.endpoint(), home.folder.toString(), daemon.homeId);
    fault(home.environment);
    assertEquals(0, daemon.hellos.size());
    // A home that was replaced behind its path.
    daemon.home = home.folder.toString();
    daemon.homeId = "2".repeat(32);
    Files.writeString(home.folder.resolve("home-id"), "3".repeat(32) + "\n");
    StepwellException replaced = fault(home.environment);
    assertTrue(replaced.sentence().contains("STEPWELL_AUTOSTART is 0") || replaced.sentence().contains("has the home"), replaced.sentence());
    assertEquals(0, daemon.batches().size());
  }

  @Test
  @DisplayName("a command that can't be run is named at once, with what to do; one that fails by what it said")
  void startFails() throws Exception {
    StepwellException missing = fault(home.with("STEPWELL_COMMAND", "no-such-program --flag"));
    assertTrue(missing.sentence().contains("'no-such-program --flag' can't be run"), missing.sentence());
    assertTrue(said().contains("set STEPWELL_COMMAND to what runs it"), said());
    Path program = home.folder.resolve("a program");
    Files.writeString(program, "#!/bin/sh\necho 'error: It is broken.' >&2\nexit 3\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    StepwellException failed = fault(home.with("STEPWELL_COMMAND", "'" + program + "'"));
    assertTrue(failed.sentence().contains("daemon start ended: It is broken."), failed.sentence());
  }

  @Test
  @DisplayName("a command line is split as a shell splits it")
  void words() {
    assertEquals(List.of("a b", "c\"d", "", "e f", "$g"), ShellWords.split("'a b'  c\\\"d '' \"e f\" \\$g "));
    assertThrows(StepwellException.class, () -> ShellWords.split("'a"));
    assertEquals("'it'\"'\"'s'", ShellWords.quoted("it's"));
  }

  @Test
  @DisplayName("with an endpoint in place of a home the spool is in memory, and says nothing")
  void noHome() throws Exception {
    try (Stepwell client = Stepwell.open(home.with("STEPWELL_ENDPOINT", "unix://" + daemon.socket))) {
      Run run = client.run().start();
      run.logMetric("loss", 1);
      run.logMetric("loss", 2);
      run.close();
      client.flush();
    }
    assertEquals(2, daemon.points());
    assertEquals("", said());
    assertEquals(List.of(), home.spools());
  }

  @Test
  @DisplayName("an endpoint may be a port; what else it is, is refused")
  void port() throws Exception {
    Server server = daemon.onPort();
    try (Stepwell client = Stepwell.open(home.with("STEPWELL_ENDPOINT", "127.0.0.1:" + server.getPort()))) {
      client.run().during(run -> run.logMetric("loss", 1));
      client.flush();
    } finally {
      server.shutdownNow();
    }
    assertEquals(1, daemon.points());
    StepwellException error = fault(home.with("STEPWELL_ENDPOINT", "nowhere"));
    assertTrue((error.getMessage() + said()).contains("STEPWELL_SETTING_INVALID"), said());
  }

  @Test
  @DisplayName("a home with no place for the spool's file has it in memory, in one line, and loses nothing of a living process")
  void noFile() throws Exception {
    Files.writeString(home.folder.resolve("client-spools"), "in the way");
    home.writeEndpoint(daemon.endpoint(), home.folder.toString(), daemon.homeId);
    try (Stepwell client = home.client()) {
      client.run().during(run -> run.logMetric("loss", 1));
      client.flush();
    }
    assertEquals(1, daemon.points());
    assertEquals(1, said().lines().count(), said());
    assertTrue(said().contains("STEPWELL_SPOOL_UNAVAILABLE"), said());
  }

  @Test
  @DisplayName("runs say that they begin and what became of them, of the first five, and nothing in the other ranks or when quiet")
  void told() throws Exception {
    home.writeEndpoint(daemon.endpoint(), home.folder.toString(), daemon.homeId);
    home.environment.remove("STEPWELL_QUIET");
    try (Stepwell client = home.client()) {
      for (int count = 0; count < 7; count++) client.run().name("r\n" + count).start().close();
      client.flush();
    }
    List<String> lines = said().lines().collect(java.util.stream.Collectors.toList());
    assertEquals(11, lines.size(), said());
    assertTrue(lines.get(0).matches("stepwell: run r\\?0 begins\\. Look: stepwell runs show [0-9a-f]{32}"), lines.get(0));
    assertTrue(lines.get(5).contains("further runs"), lines.get(5));
    assertEquals("stepwell: run r?0 FINISHED. It is on disk, for the daemon to deliver.", lines.get(6));
    assertFalse(new Settings(home.environment).isQuiet());
    assertTrue(new Settings(home.with("RANK", "1")).isQuiet());
    assertFalse(new Settings(home.with("SLURM_PROCID", "0")).isQuiet());
    assertNull(new Settings(home.with("STEPWELL_ENDPOINT", "x:1")).home);
  }
}
