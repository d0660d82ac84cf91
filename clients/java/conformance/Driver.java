import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.stepwell.Run;
import io.stepwell.RunBuilder;
import io.stepwell.RunStatus;
import io.stepwell.Stats;
import io.stepwell.Stepwell;
import io.stepwell.StepwellException;
import io.stepwell.v1.FlushResponse;
import io.stepwell.v1.Lane;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/** The conformance suite's driver for Java: it does what it is told, a line of JSON each; see clients/conformance. */
public final class Driver {
  /** The language can't express what is asked. */
  private static final class Cannot extends Exception {
    private static final long serialVersionUID = 1L;

    Cannot(String reason) {
      super(reason);
    }
  }

  private static final Gson JSON = new GsonBuilder().disableHtmlEscaping().create();

  private final String argumentsFile;
  private final Stepwell client = Stepwell.open();
  private final Map<String, Run> runs = new HashMap<>();

  private Driver(String argumentsFile) {
    this.argumentsFile = argumentsFile;
  }

  /** Takes the file of arguments that java was started with. */
  public static void main(String[] arguments) throws Exception {
    Driver driver = new Driver(arguments[0]);
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    JsonObject ready = new JsonObject();
    ready.addProperty("language", "Java");
    ready.addProperty("pid", ProcessHandle.current().pid());
    out.println(JSON.toJson(named("ready", ready)));
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      out.println(JSON.toJson(driver.answer(JsonParser.parseString(line).getAsJsonObject())));
    }
    // As a program in Java does, by try-with-resources.
    driver.client.close();
  }

  private static JsonObject named(String name, JsonElement value) {
    JsonObject object = new JsonObject();
    object.add(name, value);
    return object;
  }

  private JsonObject answer(JsonObject command) throws Exception {
    try {
      return named("ok", done(command));
    } catch (Cannot cannot) {
      return named("cannot", JSON.toJsonTree(cannot.getMessage()));
    } catch (StepwellException error) {
      JsonObject told = new JsonObject();
      told.addProperty("code", error.code());
      told.addProperty("sentence", error.sentence());
      told.addProperty("remedy", error.remedy());
      return named("error", told);
    }
  }

  private JsonObject done(JsonObject command) throws Exception {
    JsonObject ok = new JsonObject();
    Run run = command.has("run") ? runs.get(command.get("run").getAsString()) : null;
    switch (command.get("do").getAsString()) {
      case "start_run":
        Run started = start(command);
        runs.put(command.get("run").getAsString(), started);
        ok.addProperty("run_id", started.id());
        break;
      case "log_metric":
        logMetric(run, command);
        break;
      case "log_metrics":
        logMetrics(run, command);
        break;
      case "log_series":
        logSeries(run, command);
        break;
      case "log_param":
        run.logParam(text(command, "key"), text(command, "value"));
        break;
      case "set_tag":
        run.setTag(text(command, "key"), text(command, "value"));
        break;
      case "log_many":
        for (long step : steps(command)) run.logMetric(text(command, "key"), step, step);
        break;
      case "log_large_series":
        long[] steps = steps(command);
        run.logSeries(text(command, "key"), steps, Arrays.stream(steps).asDoubleStream().toArray());
        break;
      case "set_many_tags":
        String value = "x".repeat(command.get("characters").getAsInt());
        for (int at = 0; at < command.get("count").getAsInt(); at++) run.setTag(text(command, "key") + at, value);
        break;
      case "flush":
        if (command.has("seconds")) client.flush(seconds(command));
        else client.flush();
        break;
      case "drain":
        FlushResponse drained = client.drain(command.has("seconds") ? seconds(command) : Duration.ofMinutes(1));
        ok.addProperty("complete", drained.getDrained());
        ok.addProperty("waiting", drained.getLanesList().stream().mapToLong(Lane::getQueuedPoints).sum());
        ok.addProperty("dead_letters", drained.getDeadLetters());
        break;
      case "end_run":
        if (command.has("status")) run.end(status(text(command, "status")));
        else run.close();
        break;
      case "stats":
        Stats stats = client.stats();
        ok.addProperty("acknowledged", stats.acknowledged());
        ok.addProperty("rejected", stats.rejected());
        ok.addProperty("dropped", stats.dropped());
        ok.addProperty("connects", stats.connects());
        break;
      case "close":
        if (command.has("seconds")) client.close(seconds(command));
        else client.close();
        break;
      case "spawn":
        return spawned(command);
      case "fork":
        throw new Cannot("Java has no fork");
      default:
        throw new Cannot("there is no such command");
    }
    return ok;
  }

  private Run start(JsonObject command) throws Cannot {
    RunBuilder run = client.run();
    if (command.has("run_id")) run.resume(text(command, "run_id"));
    if (command.has("run_name")) run.name(text(command, "run_name"));
    if (command.has("experiment_name")) run.experiment(text(command, "experiment_name"));
    return run.start();
  }

  private static void logMetric(Run run, JsonObject command) throws Cannot {
    String key = text(command, "key");
    double value = number(command.get("value"));
    long step = command.has("step") ? whole(command.get("step")) : 0;
    String model = command.has("model_id") ? text(command, "model_id") : null;
    if (command.has("timestamp")) run.logMetric(key, value, step, whole(command.get("timestamp")), model);
    else if (model != null) run.logMetric(key, value, step, model);
    else if (command.has("step")) run.logMetric(key, value, step);
    else run.logMetric(key, value);
  }

  private static void logMetrics(Run run, JsonObject command) throws Cannot {
    Map<String, Double> metrics = new LinkedHashMap<>();
    for (Map.Entry<String, JsonElement> each : command.getAsJsonObject("metrics").entrySet()) {
      metrics.put(each.getKey(), number(each.getValue()));
    }
    long step = command.has("step") ? whole(command.get("step")) : 0;
    if (command.has("timestamp")) run.logMetrics(metrics, step, whole(command.get("timestamp")));
    else run.logMetrics(metrics, step);
  }

  private static void logSeries(Run run, JsonObject command) throws Cannot {
    JsonArray given = command.getAsJsonArray("values");
    double[] values = new double[given.size()];
    for (int at = 0; at < values.length; at++) values[at] = number(given.get(at));
    long[] steps = wholes(command.getAsJsonArray("steps"));
    if (!command.has("timestamps")) run.logSeries(text(command, "key"), steps, values);
    else run.logSeries(text(command, "key"), steps, values, wholes(command.getAsJsonArray("timestamps")));
  }

  private static long[] steps(JsonObject command) {
    long first = command.has("first") ? command.get("first").getAsLong() : 0;
    return LongStream.range(first, first + command.get("count").getAsLong()).toArray();
  }

  private static Duration seconds(JsonObject command) {
    return Duration.ofMillis((long) (1_000 * command.get("seconds").getAsDouble()));
  }

  private static RunStatus status(String name) throws Cannot {
    try {
      return RunStatus.valueOf(name);
    } catch (IllegalArgumentException error) {
      throw new Cannot("RunStatus has no such status");
    }
  }

  private static long whole(JsonElement number) throws Cannot {
    try {
      return Long.parseLong(number.getAsString());
    } catch (NumberFormatException error) {
      throw new Cannot("a long has no such number");
    }
  }

  private static long[] wholes(JsonArray numbers) throws Cannot {
    long[] wholes = new long[numbers.size()];
    for (int at = 0; at < wholes.length; at++) wholes[at] = whole(numbers.get(at));
    return wholes;
  }

  private static double number(JsonElement value) throws Cannot {
    try {
      return Double.parseDouble(value.getAsString());
    } catch (NumberFormatException error) {
      throw new Cannot("a double has no such value");
    }
  }

  private static String text(JsonObject command, String name) throws Cannot {
    JsonElement given = command.get(name);
    if (!given.isJsonObject()) return given.getAsString();
    JsonObject made = given.getAsJsonObject();
    if (made.has("text")) return made.get("text").getAsString().repeat(made.get("times").getAsInt());
    if (!made.has("utf16")) throw new Cannot("a String holds UTF-16");
    String digits = made.get("utf16").getAsString();
    StringBuilder units = new StringBuilder();
    for (int at = 0; at < digits.length(); at += 4) {
      units.append((char) Integer.parseInt(digits.substring(at, at + 4), 16));
    }
    return units.toString();
  }

  /** A new process of this driver, which is told the commands. */
  private JsonObject spawned(JsonObject command) throws IOException, InterruptedException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    ProcessBuilder builder = new ProcessBuilder(java.toString(), "@" + argumentsFile);
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    if (command.has("inherits")) {
      builder.environment().put("STEPWELL_RUN_ID", runs.get(command.get("inherits").getAsString()).id());
    }
    Process child = builder.start();
    try (Writer in = new OutputStreamWriter(child.getOutputStream(), StandardCharsets.UTF_8)) {
      for (JsonElement each : command.getAsJsonArray("commands")) in.write(JSON.toJson(each) + "\n");
    }
    JsonArray answers = new JsonArray();
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    said.lines().skip(1).forEach(line -> answers.add(JsonParser.parseString(line)));
    JsonObject ok = new JsonObject();
    ok.add("answers", answers);
    ok.addProperty("code", child.waitFor(60, TimeUnit.SECONDS) ? child.exitValue() : -1);
    return ok;
  }
}
