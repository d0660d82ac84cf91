package io.stepwell;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Finds the daemon of a home, and starts one when there is none. */
final class DaemonFinder {
  private static final Path SETSID = Path.of("/usr/bin/setsid");

  private final Settings settings;
  private long pauseMillis = Contract.DAEMON_START_PAUSE_MS_MIN;
  private long startNotBefore = System.nanoTime();
  private StepwellException startFailure;
  private boolean isCommandMissing;
  /** What the endpoint file held when it was read last, and when it led to another home's daemon. */
  private JsonElement content;
  private JsonElement disproved;

  DaemonFinder(Settings settings) {
    this.settings = settings;
  }

  /** Whether the endpoint is given, of whatever home. */
  boolean isFixed() {
    return settings.endpoint != null;
  }

  /** Why the last try to start a daemon failed; null where it did not. */
  StepwellException startFailure() {
    return startFailure;
  }

  /** Whether the command that starts one could not even be run. */
  boolean isCommandMissing() {
    return isCommandMissing;
  }

  /**
   * The endpoint that is fixed or that the home's file names; null where there is none, and no promise that it answers.
   * Throws STEPWELL_HOME_OPEN when others could have written the file.
   */
  synchronized String find() {
    if (isFixed()) return settings.endpoint;
    Path file = settings.home.resolve("endpoint.json");
    try {
      Home.checkEndpointFile(settings.home, file);
      JsonElement read = JsonParser.parseString(Home.readPlain(file, Contract.ENDPOINT_FILE_BYTES_MAX));
      if (!read.isJsonObject() || read.equals(disproved)) return null;
      content = read;
      String endpoint = text(read.getAsJsonObject(), "endpoint");
      String home = text(read.getAsJsonObject(), "home");
      // A copied home holds the endpoint file of the home that it was copied from.
      return endpoint != null && home != null && isOurs(home) ? endpoint : null;
    } catch (IOException | com.google.gson.JsonParseException error) {
      return null;
    }
  }

  private boolean isOurs(String home) {
    try {
      return Home.isSameFolder(Path.of(home), settings.home);
    } catch (InvalidPathException error) {
      return false;
    }
  }

  private static String text(JsonObject from, String name) {
    JsonElement found = from.get(name);
    return found != null && found.isJsonPrimitive() ? found.getAsString() : null;
  }

  /**
   * Takes the folder that the daemon says to be its home. Throws STEPWELL_DAEMON_UNREACHABLE when that is another one; the
   * endpoint file that led there is not believed again.
   */
  synchronized void check(String home) {
    if (isFixed() || isOurs(home)) return;
    disproved = content;
    throw unreachable(
        "The daemon that answers is that of " + home + ", and not that of " + settings.home + ".");
  }

  /**
   * Takes the id that the daemon says its home to have. Throws as check(). A home that finds itself to be a copy takes a
   * new id while its daemon runs: it is the one that the daemon began with, or that of the home now.
   */
  synchronized void checkId(String homeId) {
    if (isFixed() || content == null || homeId.equals(text(content.getAsJsonObject(), "home_id"))) return;
    String kept;
    try {
      kept = Home.readPlain(settings.home.resolve("home-id"), Contract.HOME_ID_FILE_BYTES_MAX).trim();
    } catch (IOException error) {
      return;
    }
    if (kept.isEmpty() || kept.equals(homeId)) return;
    disproved = content;
    throw unreachable(
        "The daemon that answers has the home " + homeId + ", and " + settings.home + " is " + kept + ".");
  }

  /**
   * Starts the daemon and returns when it answers, or does nothing soon after a failure. Throws
   * STEPWELL_DAEMON_UNREACHABLE when it may not or can't be started.
   */
  synchronized void start() throws InterruptedException {
    if (isFixed()) throw unreachable("Nothing answers at " + settings.endpoint + ".");
    if (!settings.mayStart) {
      throw unreachable("No daemon answers for " + settings.home + ", and STEPWELL_AUTOSTART is 0.");
    }
    if (System.nanoTime() - startNotBefore < 0) return;
    try {
      runStartCommand();
      pauseMillis = Contract.DAEMON_START_PAUSE_MS_MIN;
      startFailure = null;
    } catch (StepwellException error) {
      startFailure = error;
      startNotBefore = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pauseMillis);
      pauseMillis = Math.min(Contract.DAEMON_START_PAUSE_MS_MAX, pauseMillis * 2);
      throw error;
    }
  }

  private void runStartCommand() throws InterruptedException {
    // Looked for each time: it may be installed meanwhile.
    String given = settings.given("STEPWELL_COMMAND");
    List<String> words = new ArrayList<>(given == null ? List.of("stepwell") : ShellWords.split(given));
    String command = String.join(" ", words);
    Process process = spawn(words, command);
    try (InputStream errors = process.getErrorStream()) {
      if (!process.waitFor(Contract.DAEMON_START_WAIT_MS, TimeUnit.MILLISECONDS)) {
        throw unreachable(
            "'" + command + "' daemon start did not end in " + Contract.DAEMON_START_WAIT_MS / 1_000 + " s.");
      }
      if (process.exitValue() == 0) return;
      String said = said(errors);
      String reason = said.isEmpty() ? " with " + process.exitValue() : ": " + said;
      throw unreachable("'" + command + "' daemon start ended" + reason + ".");
    } catch (IOException error) {
      throw unreachable("'" + command + "' daemon start said nothing: " + error.getMessage() + ".");
    } finally {
      process.destroyForcibly();
    }
  }

  private Process spawn(List<String> words, String command) {
    isCommandMissing = false;
    String missing = words.isEmpty() ? "it names no command" : whyMissing(words.get(0));
    List<String> line = new ArrayList<>();
    // Ctrl-C is meant for the training program, not for the daemon's start.
    if (Files.isExecutable(SETSID)) line.add(SETSID.toString());
    line.addAll(words);
    line.addAll(List.of("daemon", "start"));
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().clear();
    builder.environment().putAll(settings.environment);
    builder.environment().put("STEPWELL_HOME", settings.home.toString());
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    try {
      if (missing != null) throw new IOException(missing);
      Process process = builder.start();
      process.getOutputStream().close();
      return process;
    } catch (IOException error) {
      isCommandMissing = true;
      throw new StepwellException(
          "STEPWELL_DAEMON_UNREACHABLE",
          "'" + command + "' can't be run: " + error.getMessage() + ".",
          "Put stepwell on the PATH, or set STEPWELL_COMMAND to what runs it.");
    }
  }

  /** What setsid would only say by its exit code; null for a program that is there. */
  private String whyMissing(String program) {
    if (program.contains(File.separator)) {
      return Files.isExecutable(Path.of(program)) ? null : "there is no such program";
    }
    for (String folder : settings.environment.getOrDefault("PATH", "").split(File.pathSeparator)) {
      if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, program))) return null;
    }
    boolean isWindows = File.separatorChar == '\\';
    return isWindows ? null : "there is no such program on the PATH";
  }

  /** What a command that has ended said, on one line. One that lives on may hold the pipe open. */
  private static String said(InputStream errors) throws IOException {
    byte[] bytes = new byte[Limits.COMMAND_OUTPUT_BYTES_MAX];
    int length = 0;
    while (length < bytes.length && errors.available() > 0) {
      int read = errors.read(bytes, length, Math.min(errors.available(), bytes.length - length));
      if (read <= 0) break;
      length += read;
    }
    String line = new String(bytes, 0, length, StandardCharsets.UTF_8).trim().replaceAll("\\s+", " ");
    if (line.startsWith("error: ")) line = line.substring("error: ".length());
    line = line.substring(0, Math.min(line.length(), Limits.REASON_CHARACTERS_MAX));
    return line.replaceAll("\\.$", "");
  }

  static StepwellException unreachable(String sentence) {
    return new StepwellException("STEPWELL_DAEMON_UNREACHABLE", sentence);
  }
}
