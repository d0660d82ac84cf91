package io.stepwell;

import java.util.Map;

/** What to do about the errors that the client itself gives. */
final class Remedies {
  private static final Map<String, String> TABLE =
      Map.ofEntries(
          Map.entry(
              "STEPWELL_KEY_INVALID",
              "Use at most 250 letters, digits, _ - . : / or spaces, as in val/loss."),
          Map.entry(
              "STEPWELL_MODEL_ID_INVALID",
              "Use the model_id that MLflow gave the logged model: at most 36 letters, digits, _ . or -."),
          Map.entry(
              "STEPWELL_VALUE_TOO_LONG",
              "Shorten the value: params hold 6,000 characters, tags 8,000. Log longer texts as artifacts."),
          Map.entry("STEPWELL_TEXT_MALFORMED", "Give well-formed text: no lone surrogates."),
          Map.entry("STEPWELL_VALUE_INVALID", "Give the value as a number or as text."),
          Map.entry(
              "STEPWELL_TIMESTAMP_INVALID",
              "Give the timestamp in whole milliseconds since 1970, not negative."),
          Map.entry("STEPWELL_COLUMN_UNEVEN", "Give as many steps and timestamps as values."),
          Map.entry(
              "STEPWELL_PARAM_CHANGED",
              "A param can't change within a run: log it under another key, or as a tag or a metric."),
          Map.entry("STEPWELL_STATUS_INVALID", "End a run as FINISHED, FAILED or KILLED."),
          Map.entry("STEPWELL_RUN_ID_INVALID", "Use a run id of 32 lower-case hexadecimal digits."),
          Map.entry(
              "STEPWELL_RUN_ENDED", "Log before the run ends, or start it again with its run id."),
          Map.entry(
              "STEPWELL_EXPERIMENT_INVALID", "Use an experiment name of 1 to 500 characters."),
          Map.entry("STEPWELL_SETTING_INVALID", "Correct the setting that the message names."),
          Map.entry(
              "STEPWELL_ENTRY_TOO_LARGE",
              "Shorten the entry: no single one may exceed the message limit."),
          Map.entry(
              "STEPWELL_BUFFER_FULL",
              "Log less often, or let the daemon answer again: stepwell status."),
          Map.entry(
              "STEPWELL_FLUSH_TIMEOUT",
              "Wait longer, or see what holds the daemon: stepwell status."),
          Map.entry("STEPWELL_CLIENT_CLOSED", "Log before close(), or make a new client."),
          Map.entry(
              "STEPWELL_DAEMON_UNREACHABLE",
              "Start it: stepwell daemon start. Its log: stepwell daemon logs."),
          Map.entry(
              "STEPWELL_HANDSHAKE_INVALID",
              "Use one version of the package and the daemon: stepwell daemon restart."),
          Map.entry(
              "STEPWELL_ARTIFACT_INVALID",
              "Give a file or folder that is there, and a relative path without .. in it."),
          Map.entry(
              "STEPWELL_ARTIFACT_REFUSED",
              "See what the server said; stepwell status shows how its tracker is."),
          Map.entry(
              "STEPWELL_ARTIFACTS_ELSEWHERE",
              "Log it by MLflow's own client, which writes there with this environment's own credentials,"
                  + " or let the server keep artifacts itself: mlflow server --serve-artifacts."),
          Map.entry(
              "STEPWELL_HOME_UNUSABLE", "Set STEPWELL_HOME to a folder of your own on a local disk."),
          Map.entry(
              "STEPWELL_HOME_OPEN",
              "Close it to others (chmod 700) after a look at what they may have changed, or set"
                  + " STEPWELL_HOME to a folder of your own."),
          Map.entry(
              "STEPWELL_ENDPOINT_FOREIGN",
              "Nothing was sent. Remove endpoint.json from the home, then: stepwell daemon start."
                  + " Or unset STEPWELL_ENDPOINT."),
          Map.entry(
              "STEPWELL_HOME_CHANGED",
              "Log again what its runs lack; stepwell runs show ID says what one has."),
          Map.entry(
              "STEPWELL_PLATFORM_UNSUPPORTED",
              "Use Java 16 or newer here, or give the daemon's address as host:port in STEPWELL_ENDPOINT."),
          Map.entry("STEPWELL_INTERNAL", "This is a bug in stepwell-client."));

  private Remedies() {}

  static String of(String code) {
    return TABLE.getOrDefault(code, "");
  }
}
