package io.stepwell;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A run's artifacts at its trackers, by way of the daemon's gateway: MLflow's API over HTTP. Files are streamed. */
final class Artifacts {
  private static final String GET_RUN = "/api/2.0/mlflow/runs/get?run_id=";
  private static final String ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts";
  /** What MLflow takes for text whatever the system's table says. */
  private static final Set<String> TEXTS =
      Set.of("MLmodel", "MLproject", "log", "yaml", "yml", "json", "cfg", "conf", "jsonl", "py", "md", "txt");

  private final Stepwell client;
  private final List<String> runIds;
  /** Names of trackers; one empty one is the active stack's. */
  private final List<String> trackers;
  /** The address that was given with the run, or an empty text. */
  private final String trackingUri;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).followRedirects(HttpClient.Redirect.NEVER).build();

  Artifacts(Stepwell client, List<String> runIds, List<String> trackers, String trackingUri) {
    this.client = client;
    this.runIds = runIds;
    this.trackers = trackers.isEmpty() || !trackingUri.isEmpty() ? List.of("") : trackers;
    this.trackingUri = trackingUri;
  }

  void put(Path file, String folder) {
    Path plain = file.toAbsolutePath().normalize();
    String below = folder.isEmpty() ? "" : checked(folder) + "/";
    String name = plain.getFileName() == null ? "" : plain.getFileName().toString();
    if (!Files.isDirectory(plain)) {
      putAll(List.of(plain), List.of(checked(below + name)));
      return;
    }
    try (var all = Files.walk(plain)) {
      List<Path> files = all.filter(Files::isRegularFile).sorted().collect(Collectors.toList());
      List<String> artifacts = new ArrayList<>();
      for (Path each : files) artifacts.add(checked(below + name + "/" + plain.relativize(each).toString().replace('\\', '/')));
      putAll(files, artifacts);
    } catch (IOException error) {
      throw invalid(plain + " can't be read: " + error.getMessage() + ".");
    }
  }

  void putText(String text, String artifact) {
    Path file = null;
    try {
      file = Files.createTempFile("stepwell-", ".txt");
      Files.writeString(file, text);
      putAll(List.of(file), List.of(checked(artifact)));
    } catch (IOException error) {
      throw invalid("The text could not be written: " + error.getMessage() + ".");
    } finally {
      delete(file);
    }
  }

  private void putAll(List<Path> files, List<String> artifacts) {
    for (Path each : files) {
      // What is no file is told before anybody is asked.
      if (!Files.isRegularFile(each) || !Files.isReadable(each)) throw invalid(each + " is no file that can be read.");
    }
    try {
      // The daemon has to know of the run, and of what was logged to it.
      client.flush();
      for (String tracker : trackers) {
        String uri = trackingUri.isEmpty() ? client.openGateway(tracker) : trackingUri;
        for (String runId : runIds) {
          String root = rootOf(uri, runId);
          for (int at = 0; at < files.size(); at++) putOne(uri, root, files.get(at), artifacts.get(at));
        }
      }
    } catch (InterruptedException error) {
      Thread.currentThread().interrupt();
      throw DaemonFinder.unreachable("The call was interrupted.");
    }
  }

  /** Where the run's artifacts are, as its tracker says. */
  private String rootOf(String uri, String runId) throws InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(uri + GET_RUN + runId)).GET();
    String answer = said(send(request));
    try {
      JsonObject run = JsonParser.parseString(answer).getAsJsonObject().getAsJsonObject("run");
      return run.getAsJsonObject("info").get("artifact_uri").getAsString();
    } catch (JsonParseException | IllegalStateException | NullPointerException error) {
      throw refused("The answer has no artifact_uri.");
    }
  }

  private void putOne(String uri, String root, Path file, String artifact) throws InterruptedException {
    String below = belowServer(root);
    if (below == null) {
      copy(file, folderOf(root).resolve(artifact));
      return;
    }
    try {
      String target = uri + ARTIFACTS + "/" + escaped(below) + "/" + escaped(artifact);
      said(
          send(
              HttpRequest.newBuilder(URI.create(target))
                  .header("Content-Type", mediaType(artifact))
                  .PUT(HttpRequest.BodyPublishers.ofFile(file))));
    } catch (FileNotFoundException error) {
      throw invalid(file + " can't be read.");
    }
  }

  /** The path below a server's own artifacts, not escaped; null where they are not its. */
  private static String belowServer(String root) {
    URI uri = URI.create(root.replace(" ", "%20"));
    String scheme = String.valueOf(uri.getScheme());
    if (scheme.equals("mlflow-artifacts")) return uri.getPath().replaceAll("^/+|/+$", "");
    String mark = "/mlflow-artifacts/artifacts/";
    int at = uri.getPath() == null ? -1 : uri.getPath().indexOf(mark);
    boolean isHttp = scheme.equals("http") || scheme.equals("https");
    return isHttp && at >= 0 ? uri.getPath().substring(at + mark.length()).replaceAll("/+$", "") : null;
  }

  /** The folder of a local tracker's artifacts. */
  private static Path folderOf(String root) {
    if (root.startsWith("/")) return Path.of(root);
    URI uri = URI.create(root.replace(" ", "%20"));
    boolean isHere = uri.getHost() == null || uri.getHost().equals("localhost");
    if ("file".equals(uri.getScheme()) && isHere) return Path.of(uri.getPath());
    // Without the query and a user's name, which may be a password.
    String shown = uri.getScheme() + "://" + (uri.getHost() == null ? "" : uri.getHost()) + uri.getPath();
    throw new StepwellException(
        "STEPWELL_ARTIFACTS_ELSEWHERE",
        "The tracker's artifacts are at " + shown + ", which its server does not write to for its clients.");
  }

  private static void copy(Path file, Path target) {
    // Nobody sees a half of it.
    Path part = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID());
    try {
      Files.createDirectories(target.getParent());
      Files.copy(file, part);
      Files.move(part, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException error) {
      throw invalid(file + " can't be copied: " + error.getMessage() + ".");
    } finally {
      delete(part);
    }
  }

  private static void delete(Path file) {
    try {
      if (file != null) Files.deleteIfExists(file);
    } catch (IOException error) {
      // It is in a folder for such files, or beside its target, and nobody asks for it.
    }
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws InterruptedException {
    HttpRequest made = request.timeout(Limits.GATEWAY_ANSWER).build();
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Limits.GATEWAY_MILLIS);
    while (true) {
      try {
        return http.send(made, HttpResponse.BodyHandlers.ofString());
      } catch (IOException error) {
        // The address opens the tracker: it is not shown.
        if (System.nanoTime() - deadline >= 0) {
          throw DaemonFinder.unreachable("The daemon's gateway did not answer: " + error + ".");
        }
      }
      Thread.sleep(ThreadLocalRandom.current().nextLong(Limits.CALL_PAUSE_MILLIS_MAX));
    }
  }

  /** A good answer as it is. Throws STEPWELL_ARTIFACT_REFUSED. */
  private static String said(HttpResponse<String> answer) {
    if (answer.statusCode() < 300) return answer.body();
    String text = answer.body();
    try {
      text = JsonParser.parseString(text).getAsJsonObject().get("message").getAsString();
    } catch (JsonParseException | IllegalStateException | NullPointerException error) {
      // It is no JSON, and said as it is.
    }
    String cut = text.substring(0, Math.min(text.length(), 500)).replaceAll("\\.$", "");
    throw refused("The answer was " + answer.statusCode() + ": " + cut + ".");
  }

  /** A path below a run's artifacts. Throws STEPWELL_ARTIFACT_INVALID for one that MLflow refuses. */
  private static String checked(String artifact) {
    boolean isPlain = !artifact.isEmpty() && artifact.indexOf('\0') < 0;
    for (String part : artifact.split("/", -1)) {
      isPlain &= !part.isEmpty() && !part.equals(".") && !part.equals("..");
    }
    if (isPlain) return artifact;
    throw invalid("An artifact can't be at \"" + Checks.shown(artifact) + "\".");
  }

  private static String escaped(String path) {
    List<String> parts = new ArrayList<>();
    for (String each : path.split("/")) {
      parts.add(URLEncoder.encode(each, StandardCharsets.UTF_8).replace("+", "%20"));
    }
    return String.join("/", parts);
  }

  /** As MLflow says it. */
  private static String mediaType(String artifact) {
    String name = artifact.substring(artifact.lastIndexOf('/') + 1);
    String ending = name.substring(name.lastIndexOf('.') + 1);
    if (TEXTS.contains(ending)) return "text/plain";
    String guess = java.net.URLConnection.guessContentTypeFromName(name);
    return guess == null ? "application/octet-stream" : guess;
  }

  private static StepwellException invalid(String sentence) {
    return new StepwellException("STEPWELL_ARTIFACT_INVALID", sentence);
  }

  private static StepwellException refused(String sentence) {
    return new StepwellException("STEPWELL_ARTIFACT_REFUSED", sentence);
  }
}
