package io.stepwell;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One MLflow run: what log calls are made on. Its methods may be called from any thread.
 *
 * <p>No method but those for artifacts waits for a network: what a call logged is in the home's spool when it returns, and
 * outlives this process. A call that raises logged nothing. Closing a run ends it as FINISHED, unless it was ended before;
 * {@link RunBuilder#during} ends it as FAILED after an exception.
 */
public final class Run implements AutoCloseable {
  private final Stepwell client;
  private final Producer producer;
  private final List<String> ids;
  private final List<String> trackers;
  private final String trackingUri;
  /** Whether this process ends the run. */
  private final boolean isOurs;
  private final Opening first;
  /** Of several runs as one. */
  private final Opening[] others;

  private final Map<String, String> params = new HashMap<>();
  private final AtomicBoolean hasEnded = new AtomicBoolean();
  private volatile Artifacts artifacts;

  Run(Stepwell client, Producer producer, List<Opening> openings, List<String> trackers, String trackingUri, boolean isOurs) {
    this.client = client;
    this.producer = producer;
    this.first = openings.get(0);
    this.others = openings.subList(1, openings.size()).toArray(new Opening[0]);
    this.ids = openings.stream().map(each -> each.runId).collect(java.util.stream.Collectors.toUnmodifiableList());
    this.trackers = List.copyOf(trackers);
    this.trackingUri = trackingUri;
    this.isOurs = isOurs;
  }

  /** The run's id, 32 hexadecimal digits: what every call and command of Stepwell takes for it. */
  public String id() {
    return ids.get(0);
  }

  /** All ids where a command began several runs as one; else the one. */
  public List<String> ids() {
    return ids;
  }

  /** Whether the run takes nothing any more. */
  public boolean hasEnded() {
    return hasEnded.get();
  }

  /**
   * Logs one point at the step 0, of now.
   *
   * @throws StepwellException as {@link #logMetric(String, double, long, long, String)}
   */
  public void logMetric(String key, double value) {
    logMetric(key, value, 0);
  }

  /**
   * Logs one point of now.
   *
   * @param key at most 250 letters, digits, {@code _ - . : /} and spaces
   * @param value any double; NaN and the infinities too
   * @param step any 64-bit number
   * @throws StepwellException as {@link #logMetric(String, double, long, long, String)}
   */
  public void logMetric(String key, double value, long step) {
    Column column = first.knownColumn(key);
    if (column != null && others.length == 0 && column.log(step, System.currentTimeMillis(), value)) {
      if (producer.isAsleep) producer.wake();
      return;
    }
    // The key is not known to be good, or there is no room, or the run has ended: the slow way says which.
    logMetric(key, value, step, System.currentTimeMillis(), null);
  }

  /**
   * Logs one point of now that measures one of MLflow's logged models.
   *
   * @throws StepwellException as {@link #logMetric(String, double, long, long, String)}
   */
  public void logMetric(String key, double value, long step, String modelId) {
    logMetric(key, value, step, System.currentTimeMillis(), modelId);
  }

  /**
   * Logs one point.
   *
   * @param timestampMs milliseconds since 1970 UTC, not negative
   * @param modelId MLflow's id of the logged model that the point measures; null: none
   * @throws StepwellException STEPWELL_KEY_INVALID, STEPWELL_TEXT_MALFORMED, STEPWELL_TIMESTAMP_INVALID,
   *     STEPWELL_MODEL_ID_INVALID or STEPWELL_RUN_ENDED
   */
  public void logMetric(String key, double value, long step, long timestampMs, String modelId) {
    String model = Checks.modelId(modelId);
    if (!model.isEmpty() || first.knownColumn(key) == null) Checks.key(key);
    Checks.timestamp(timestampMs);
    checkOpen();
    add(first, key, value, step, timestampMs, model);
    for (Opening each : others) add(each, key, value, step, timestampMs, model);
    if (producer.isAsleep) producer.wake();
  }

  private void add(Opening opening, String key, double value, long step, long timestampMs, String model) {
    if (opening.column(key, model).log(step, timestampMs, value)) return;
    checkOpen();
    producer.drop(1);
  }

  /**
   * Logs one point of each metric, all of now.
   *
   * @throws StepwellException as {@link #logMetrics(Map, long, long)}
   */
  public void logMetrics(Map<String, ? extends Number> metrics, long step) {
    logMetrics(metrics, step, System.currentTimeMillis());
  }

  /**
   * Logs one point of each metric, all of one time.
   *
   * @param timestampMs milliseconds since 1970 UTC, not negative
   * @throws StepwellException as {@link #logMetric(String, double, long, long, String)}; nothing is logged then
   */
  public void logMetrics(Map<String, ? extends Number> metrics, long step, long timestampMs) {
    Checks.timestamp(timestampMs);
    checkOpen();
    for (Map.Entry<String, ? extends Number> each : metrics.entrySet()) {
      Checks.key(each.getKey());
      if (each.getValue() == null) {
        throw new StepwellException("STEPWELL_VALUE_INVALID", "The value of \"" + each.getKey() + "\" is null.");
      }
    }
    metrics.forEach((key, value) -> logMetric(key, value.doubleValue(), step, timestampMs, null));
  }

  /**
   * Logs a point for each step and value, all of now.
   *
   * @throws StepwellException as {@link #logSeries(String, long[], double[], long[])}
   */
  public void logSeries(String key, long[] steps, double[] values) {
    long[] now = new long[values.length];
    Arrays.fill(now, System.currentTimeMillis());
    logSeries(key, steps, values, now);
  }

  /**
   * Logs a point for each step, value and timestamp: the fastest way to log many. The arrays are copied.
   *
   * @param timestampsMs milliseconds since 1970 UTC, not negative
   * @throws StepwellException as {@link #logMetric(String, double, long, long, String)}, and STEPWELL_COLUMN_UNEVEN where
   *     the lengths differ; nothing is logged then
   */
  public void logSeries(String key, long[] steps, double[] values, long[] timestampsMs) {
    Checks.key(key);
    if (steps.length != values.length || timestampsMs.length != values.length) {
      throw new StepwellException(
          "STEPWELL_COLUMN_UNEVEN",
          "The series \"" + key + "\" has " + steps.length + " steps, " + values.length + " values, "
              + timestampsMs.length + " timestamps.");
    }
    for (long each : timestampsMs) Checks.timestamp(each);
    checkOpen();
    byte[] keyBytes = key.getBytes(StandardCharsets.UTF_8);
    int most = (Limits.SERIES_BYTES_MAX - keyBytes.length) / Wire.POINT_BYTES;
    for (int from = 0; from < values.length; from += most) {
      int count = Math.min(most, values.length - from);
      byte[] payload = Wire.series(keyBytes, new byte[0], steps, values, timestampsMs, from, count);
      addRecord(Opening.SERIES, payload, count, key);
    }
  }

  /**
   * Logs a param as {@code String.valueOf(value)}, which has at most 6,000 characters. A param can't be changed.
   *
   * @throws StepwellException STEPWELL_KEY_INVALID, STEPWELL_VALUE_INVALID for null, STEPWELL_VALUE_TOO_LONG,
   *     STEPWELL_TEXT_MALFORMED, STEPWELL_RUN_ENDED, or STEPWELL_PARAM_CHANGED when this object has logged another value
   */
  public void logParam(String key, Object value) {
    logParams(java.util.Collections.singletonMap(key, value));
  }

  /**
   * Logs several params, all or none.
   *
   * @throws StepwellException as {@link #logParam}
   */
  public void logParams(Map<String, ?> values) {
    Map<String, String> texts = new java.util.LinkedHashMap<>();
    values.forEach(
        (key, value) -> {
          Checks.key(key);
          texts.put(key, Checks.text("The param \"" + key + "\"", value, Contract.PARAM_VALUE_CODE_POINTS_MAX));
        });
    checkOpen();
    synchronized (params) {
      texts.forEach(
          (key, text) -> {
            String known = params.get(key);
            if (known != null && !known.equals(text)) {
              throw new StepwellException(
                  "STEPWELL_PARAM_CHANGED", "The param \"" + key + "\" is \"" + Checks.shown(known) + "\" already.");
            }
          });
      params.putAll(texts);
    }
    texts.forEach((key, text) -> addRecord(Opening.PARAM, Records.param(key, text), 1, key));
  }

  /**
   * Sets a tag to {@code String.valueOf(value)}, which has at most 8,000 characters. A later value replaces an earlier one.
   *
   * @throws StepwellException STEPWELL_KEY_INVALID, STEPWELL_VALUE_INVALID for null, STEPWELL_VALUE_TOO_LONG,
   *     STEPWELL_TEXT_MALFORMED or STEPWELL_RUN_ENDED
   */
  public void setTag(String key, Object value) {
    setTags(java.util.Collections.singletonMap(key, value));
  }

  /**
   * Sets several tags, all or none.
   *
   * @throws StepwellException as {@link #setTag}
   */
  public void setTags(Map<String, ?> values) {
    Map<String, String> texts = new java.util.LinkedHashMap<>();
    values.forEach(
        (key, value) -> {
          Checks.key(key);
          texts.put(key, Checks.text("The tag \"" + key + "\"", value, Contract.TAG_VALUE_CODE_POINTS_MAX));
        });
    checkOpen();
    texts.forEach((key, text) -> addRecord(Opening.TAG, Records.tag(key, text), 1, key));
  }

  private void addRecord(int kind, byte[] payload, int entries, String key) {
    addTo(first, kind, payload, entries, key);
    for (Opening each : others) addTo(each, kind, payload, entries, key);
    if (producer.isAsleep) producer.wake();
  }

  private void addTo(Opening opening, int kind, byte[] payload, int entries, String key) {
    if (opening.add(kind, payload, entries, key)) return;
    checkOpen();
    producer.drop(entries);
  }

  /**
   * Stores a file, or a folder with all that is in it under its own name, in the run's folder of artifacts. Waits until it is
   * there.
   *
   * @param folder a relative path below the run's artifacts; empty: at their top
   * @throws StepwellException STEPWELL_ARTIFACT_INVALID for what can't be logged, STEPWELL_ARTIFACTS_ELSEWHERE where the
   *     tracker's server does not take artifacts from its clients, STEPWELL_ARTIFACT_REFUSED with what the server said, or
   *     STEPWELL_DAEMON_UNREACHABLE
   */
  public void logArtifact(Path file, String folder) {
    artifacts().put(file, folder);
  }

  /**
   * Stores a file or a folder at the top of the run's artifacts.
   *
   * @throws StepwellException as {@link #logArtifact(Path, String)}
   */
  public void logArtifact(Path file) {
    logArtifact(file, "");
  }

  /**
   * Stores a text, in UTF-8, as a file of the run's artifacts.
   *
   * @throws StepwellException as {@link #logArtifact(Path, String)}
   */
  public void logText(String text, String file) {
    artifacts().putText(text, file);
  }

  private synchronized Artifacts artifacts() {
    if (artifacts == null) artifacts = new Artifacts(client, ids, trackers, trackingUri);
    return artifacts;
  }

  /**
   * Ends the run after all that was logged before. The status is the run's, unless somebody else began it and ends it.
   * Does nothing where the run has ended.
   */
  public void end(RunStatus status) {
    if (!hasEnded.compareAndSet(false, true)) return;
    byte[] payload = isOurs ? Records.end(status) : null;
    first.end(payload);
    for (Opening each : others) each.end(payload);
    producer.wake();
    client.hasEnded(this, status);
  }

  /** Ends the run as FINISHED unless it has ended. A run that somebody else began is left alone. */
  @Override
  public void close() {
    end(RunStatus.FINISHED);
  }

  boolean isOurs() {
    return isOurs;
  }

  private void checkOpen() {
    if (hasEnded.get()) throw new StepwellException("STEPWELL_RUN_ENDED", "The run " + id() + " has ended.");
  }
}
