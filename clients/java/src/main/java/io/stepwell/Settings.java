package io.stepwell;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** What the environment says, with what the builder puts over it. */
final class Settings {
  final Map<String, String> environment;
  /** Null where an endpoint is given: its daemon may have any home. */
  final Path home;
  /** Null unless one is given. */
  final String endpoint;

  final boolean mayStart;
  final long bufferBytes;
  final Duration exit;

  /** Throws STEPWELL_SETTING_INVALID and STEPWELL_HOME_UNUSABLE. */
  Settings(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
    endpoint = given("STEPWELL_ENDPOINT");
    home = endpoint == null ? Home.of(environment) : null;
    mayStart = !"0".equals(environment.get("STEPWELL_AUTOSTART"));
    bufferBytes = (long) number("STEPWELL_BUFFER_BYTES", Contract.BUFFER_BYTES_MAX);
    exit = Duration.ofMillis((long) (1_000 * number("STEPWELL_EXIT_TIMEOUT", Contract.EXIT_WAIT_MS / 1_000.0)));
  }

  /** A variable that is set to nothing counts as not set. */
  String given(String name) {
    String value = environment.get(name);
    return value == null || value.isEmpty() ? null : value;
  }

  /** Whether runs say nothing of themselves. */
  boolean isQuiet() {
    String quiet = environment.getOrDefault("STEPWELL_QUIET", "").trim().toLowerCase(java.util.Locale.ROOT);
    if (!quiet.matches("|0|false|no|off")) return true;
    // Of the ranks of a distributed program only the first one speaks.
    for (String name : new String[] {"RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK"}) {
      if (given(name) != null) return !given(name).trim().equals("0");
    }
    return false;
  }

  private double number(String name, double otherwise) {
    String text = given(name);
    if (text == null) return otherwise;
    double number;
    try {
      number = Double.parseDouble(text.trim());
    } catch (NumberFormatException error) {
      number = -1;
    }
    if (number >= 0 && number < 1e12) return number;
    throw new StepwellException(
        "STEPWELL_SETTING_INVALID", name + " is \"" + Checks.shown(text) + "\", which is no such number.");
  }
}
