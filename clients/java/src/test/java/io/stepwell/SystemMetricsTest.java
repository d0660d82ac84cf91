package io.stepwell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How a program asks for metrics of the system. */
class SystemMetricsTest {
  private static Settings with(String... pairs) {
    Map<String, String> environment = new HashMap<>(Map.of("STEPWELL_ENDPOINT", "unix:/no/such/socket"));
    for (int at = 0; at < pairs.length; at += 2) environment.put(pairs[at], pairs[at + 1]);
    return new Settings(environment);
  }

  @Test
  @DisplayName("system metrics are asked for by an interval, or by MLflow's own variables")
  void asks() {
    assertEquals("10", SystemMetrics.tag(Duration.ofSeconds(10), with()));
    assertEquals("2.5", SystemMetrics.tag(Duration.ofMillis(2_500), with()));
    assertEquals("off", SystemMetrics.tag(Duration.ZERO, with()));
    assertEquals(
        "3600 on node_0", SystemMetrics.tag(Duration.ofHours(1), with("MLFLOW_SYSTEM_METRICS_NODE_ID", "node/0")));
    assertNull(SystemMetrics.askedBy(with()));
    Settings on =
        with("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING", "true", "MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL", "2");
    assertEquals(Duration.ofSeconds(2), SystemMetrics.askedBy(on));
    for (Duration wrong : new Duration[] {Duration.ofMillis(999), Duration.ofHours(2)})
      assertThrows(StepwellException.class, () -> SystemMetrics.tag(wrong, with()));
  }
}
