package io.stepwell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The vectors of clients/contract: what is taken, and what is refused at the call. */
class ContractTest {
  private static JsonObject vectors;
  private static DaemonHome home;
  private static FakeDaemon daemon;
  private static Stepwell client;

  @BeforeAll
  static void start() throws IOException {
    vectors = JsonParser.parseString(Files.readString(DaemonHome.ROOT.resolve("clients/contract/vectors.json"))).getAsJsonObject();
    home = new DaemonHome();
    daemon = new FakeDaemon(home.folder.resolve("fake.sock"));
    client = Stepwell.open(home.with("STEPWELL_ENDPOINT", daemon.endpoint()));
  }

  @AfterAll
  static void end() throws Exception {
    client.close();
    daemon.close();
    home.close();
  }

  private static String text(JsonObject vector) {
    return vector.get("text").getAsString().repeat(vector.has("times") ? vector.get("times").getAsInt() : 1);
  }

  /** Gives each vector of a list to a call, which throws the vector's code or nothing. */
  private static void each(String list, Consumer<JsonObject> call) {
    int count = 0;
    for (JsonElement element : vectors.getAsJsonArray(list)) {
      JsonObject vector = element.getAsJsonObject();
      String name = list + ", " + vector.get("name").getAsString();
      if (!vector.has("code")) {
        call.accept(vector);
      } else {
        StepwellException error = assertThrows(StepwellException.class, () -> call.accept(vector), name);
        assertEquals(vector.get("code").getAsString(), error.code(), name);
        assertEquals(Contract.remedyOf(error.code()), error.remedy(), name);
      }
      count++;
    }
    assertTrue(count > 1, list);
  }

  @Test
  @DisplayName("texts and ids are taken or refused as the contract says")
  void texts() {
    Run run = client.run().start();
    each("keys", vector -> run.logMetric(text(vector), 1));
    each("keys", vector -> run.logParam(text(vector), "x"));
    each("keys", vector -> run.setTag(text(vector), "x"));
    each("params", vector -> run.logParam("p" + vector.get("name").getAsString().hashCode(), text(vector)));
    each("tags", vector -> run.setTag("t", text(vector)));
    each("run_ids", vector -> client.attach(text(vector)));
    each("experiment_names", vector -> client.run().experiment(text(vector)));
    each("model_ids", vector -> run.logMetric("m", 1, 0, 0, text(vector)));
    assertEquals("STEPWELL_EXPERIMENT_INVALID", assertThrows(StepwellException.class, () -> client.run().experiment("")).code());
  }

  @Test
  @DisplayName("lone surrogates are refused as keys, params and tags")
  void malformed() {
    Run run = client.run().start();
    int count = 0;
    for (JsonElement element : vectors.getAsJsonArray("malformed_texts")) {
      if (!element.getAsJsonObject().has("utf16")) continue;
      String text = new String(Hex.bytes(element.getAsJsonObject().get("utf16").getAsString()), StandardCharsets.UTF_16BE);
      // The decoder of UTF-16 would replace what is malformed.
      byte[] bytes = Hex.bytes(element.getAsJsonObject().get("utf16").getAsString());
      StringBuilder units = new StringBuilder();
      for (int at = 0; at < bytes.length; at += 2) units.append((char) ((bytes[at] & 255) << 8 | bytes[at + 1] & 255));
      text = units.toString();
      String given = text;
      List<Runnable> calls = new ArrayList<>();
      calls.add(() -> run.logMetric(given, 1));
      calls.add(() -> run.logParam("p", given));
      calls.add(() -> run.setTag("t", given));
      for (Runnable call : calls) {
        assertEquals("STEPWELL_TEXT_MALFORMED", assertThrows(StepwellException.class, call::run).code());
      }
      count++;
    }
    assertEquals(3, count);
  }

  @Test
  @DisplayName("numbers arrive with all their bits")
  void numbers() throws Exception {
    Run run = client.run().start();
    List<Long> bits = new ArrayList<>();
    for (JsonElement element : vectors.getAsJsonArray("values")) {
      bits.add(Long.parseUnsignedLong(element.getAsJsonObject().get("bits").getAsString(), 16));
    }
    for (int at = 0; at < bits.size(); at++) run.logMetric("value", Double.longBitsToDouble(bits.get(at)), at);
    List<Long> steps = fitting("steps");
    for (long step : steps) run.logMetric("step", 1, step);
    List<Long> timestamps = new ArrayList<>();
    for (long timestamp : fitting("timestamps")) {
      if (timestamp >= 0) {
        run.logMetric("timestamp", 1, 0, timestamp, null);
        timestamps.add(timestamp);
      } else {
        StepwellException error =
            assertThrows(StepwellException.class, () -> run.logMetric("timestamp", 1, 0, timestamp, null));
        assertEquals("STEPWELL_TIMESTAMP_INVALID", error.code());
      }
    }
    client.flush();
    List<Long> seenBits = new ArrayList<>();
    List<Long> seenTimestamps = new ArrayList<>();
    daemon.batches().stream()
        .flatMap(batch -> batch.getMetricsList().stream())
        .forEach(
            column -> {
              if (column.getKey().equals("value")) column.getValuesList().forEach(each -> seenBits.add(Double.doubleToRawLongBits(each)));
              if (column.getKey().equals("timestamp")) seenTimestamps.addAll(column.getTimestampsMsList());
            });
    assertEquals(bits, seenBits);
    assertEquals(steps, daemon.steps("step"));
    assertEquals(timestamps, seenTimestamps);
  }

  /** Numbers that a long holds. */
  private static List<Long> fitting(String list) {
    List<Long> numbers = new ArrayList<>();
    for (JsonElement element : vectors.getAsJsonArray(list)) {
      java.math.BigInteger number = new java.math.BigInteger(element.getAsJsonObject().get("number").getAsString());
      if (number.bitLength() < 64) numbers.add(number.longValueExact());
    }
    return numbers;
  }
}
