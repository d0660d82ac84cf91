package io.stepwell;

import java.math.BigDecimal;
import java.time.Duration;

/** Whether the daemon logs metrics of the system to a run, and how often: a tag says it. */
final class SystemMetrics {
  static final String TAG = "stepwell.system_metrics";
  private static final Duration USUAL = Duration.ofSeconds(10);
  private static final Duration LEAST = Duration.ofSeconds(1);
  private static final Duration MOST = Duration.ofHours(1);
  private static final int NODE_CHARACTERS_MAX = 100;

  private SystemMetrics() {}

  /** The tag's value; of zero: off. Throws STEPWELL_SETTING_INVALID. */
  static String tag(Duration every, Settings settings) {
    if (every.isZero()) return "off";
    if (every.compareTo(LEAST) < 0 || every.compareTo(MOST) > 0)
      throw new StepwellException(
          "STEPWELL_SETTING_INVALID", "System metrics are logged every second to every hour, not every " + every + ".");
    String seconds = BigDecimal.valueOf(every.toMillis(), 3).stripTrailingZeros().toPlainString();
    String name = settings.given("MLFLOW_SYSTEM_METRICS_NODE_ID");
    if (name == null) return seconds;
    String node = name.replaceAll("[^A-Za-z0-9_\\-.: ]", "_");
    return seconds + " on " + node.substring(0, Math.min(node.length(), NODE_CHARACTERS_MAX));
  }

  /** What MLflow's own variables ask for; null where they ask for nothing. */
  static Duration askedBy(Settings settings) {
    String enabled = settings.given("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING");
    if (enabled == null || !enabled.toLowerCase(java.util.Locale.ROOT).matches("true|1")) return null;
    // MLflow logs the mean of so many samples; the daemon logs as often as that would.
    double interval = number(settings.given("MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL"), USUAL.toSeconds());
    double samples = number(settings.given("MLFLOW_SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING"), 1);
    double seconds = Math.min(Math.max(interval * samples, LEAST.toSeconds()), MOST.toSeconds());
    return Duration.ofMillis(Math.round(1_000 * seconds));
  }

  private static double number(String text, double otherwise) {
    try {
      double number = text == null ? 0 : Double.parseDouble(text);
      return number > 0 ? number : otherwise;
    } catch (NumberFormatException error) {
      return otherwise;
    }
  }
}
