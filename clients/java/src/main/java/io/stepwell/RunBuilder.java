package io.stepwell;

import io.stepwell.v1.RunStart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What a run is to be; made by {@link Stepwell#run}. */
public final class RunBuilder {
  private static final String RUN_ID_VARIABLE = "STEPWELL_RUN_ID";

  private final Stepwell client;
  private final Producer producer;
  private String name = "";
  private String experiment = "";
  private List<String> trackers = List.of();
  private String parent = "";
  private String resumed;
  private Duration systemMetrics;
  private final Map<String, Object> tags = new LinkedHashMap<>();

  RunBuilder(Stepwell client, Producer producer) {
    this.client = client;
    this.producer = producer;
  }

  /**
   * The run's name, at most 8,000 characters. Without it the daemon makes one.
   *
   * @throws StepwellException STEPWELL_VALUE_TOO_LONG or STEPWELL_TEXT_MALFORMED
   */
  public RunBuilder name(String runName) {
    name = Checks.text("The run's name", runName, Contract.TAG_VALUE_CODE_POINTS_MAX);
    return this;
  }

  /**
   * The experiment's name, at most 500 characters. Without it: "Default".
   *
   * @throws StepwellException STEPWELL_EXPERIMENT_INVALID or STEPWELL_TEXT_MALFORMED
   */
  public RunBuilder experiment(String experimentName) {
    experiment = Checks.experiment(experimentName);
    return this;
  }

  /** Names or ids of experiment trackers. Without them: the active stack's default one. */
  public RunBuilder trackers(String... names) {
    List<String> checked = new ArrayList<>();
    for (String each : names) {
      checked.add(Checks.text("The experiment tracker's name", each, Contract.TAG_VALUE_CODE_POINTS_MAX));
    }
    trackers = checked;
    return this;
  }

  /** The run that this one is a child of. */
  public RunBuilder parent(Run run) {
    return parent(run.id());
  }

  /**
   * The run that this one is a child of, by its id.
   *
   * @throws StepwellException STEPWELL_RUN_ID_INVALID
   */
  public RunBuilder parent(String runId) {
    parent = Checks.runId(runId);
    return this;
  }

  /**
   * Goes on with a run, also with one that has ended.
   *
   * @throws StepwellException STEPWELL_RUN_ID_INVALID
   */
  public RunBuilder resume(String runId) {
    resumed = Checks.runId(runId);
    return this;
  }

  /**
   * Has the daemon log what the machine does and what this process and its children take, so often: every second to every
   * hour; zero says off. Without it: what MLflow's variables say, or else the tracker.
   *
   * @throws StepwellException STEPWELL_SETTING_INVALID
   */
  public RunBuilder systemMetrics(Duration every) {
    SystemMetrics.tag(every, producer.settings);
    systemMetrics = every;
    return this;
  }

  /** A tag of the run. */
  public RunBuilder tag(String key, Object value) {
    tags.put(key, value);
    return this;
  }

  /**
   * Starts the run, and returns at once: its id is made here. In a program that {@code stepwell run} started, a builder
   * without a parent and without a run to go on with gives that command's run, which the command ends.
   *
   * @throws StepwellException STEPWELL_CLIENT_CLOSED, STEPWELL_RUN_ID_INVALID where STEPWELL_RUN_ID is none, or for a tag
   *     what {@link Run#setTag} throws
   */
  public Run start() {
    String inherited = producer.settings.given(RUN_ID_VARIABLE);
    if (resumed == null && inherited != null && parent.isEmpty()) return tagged(client.attach(inherited.split(",")));
    String runId = resumed != null ? resumed : UUID.randomUUID().toString().replace("-", "");
    RunStart start =
        RunStart.newBuilder()
            .setExperimentName(experiment)
            .setRunName(name)
            .addAllTrackers(trackers)
            .setStartTimeMs(System.currentTimeMillis())
            .setUser(ThisProcess.user())
            .setSourceName(ThisProcess.program())
            .setParentRunId(parent)
            .build();
    tags.forEach(
        (key, value) -> {
          Checks.key(key);
          Checks.text("The tag \"" + key + "\"", value, Contract.TAG_VALUE_CODE_POINTS_MAX);
        });
    Opening opening = producer.open(runId, Records.start(start, resumed != null));
    Run run = new Run(client, producer, List.of(opening), trackers, "", true);
    client.hasBegun(run, name, resumed == null ? "begins" : "goes on");
    return tagged(run);
  }

  /**
   * Starts the run, does something, and ends the run: FINISHED, FAILED after an exception, KILLED after an
   * InterruptedException.
   *
   * @throws StepwellException as {@link #start}
   * @throws E what the body throws
   */
  public <E extends Exception> void during(RunBody<E> body) throws E {
    Run run = start();
    boolean isDone = false;
    try {
      body.accept(run);
      isDone = true;
    } catch (Exception error) {
      if (error instanceof InterruptedException) run.end(RunStatus.KILLED);
      throw error;
    } finally {
      run.end(isDone ? RunStatus.FINISHED : RunStatus.FAILED);
    }
  }

  private Run tagged(Run run) {
    Duration every = systemMetrics == null ? SystemMetrics.askedBy(producer.settings) : systemMetrics;
    if (every != null) run.setTag(SystemMetrics.TAG, SystemMetrics.tag(every, producer.settings));
    if (!tags.isEmpty()) run.setTags(tags);
    return run;
  }
}
