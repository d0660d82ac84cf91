package io.stepwell;

import io.stepwell.v1.Component;
import io.stepwell.v1.ComponentType;
import io.stepwell.v1.CreateSecretRequest;
import io.stepwell.v1.DaemonServiceGrpc;
import io.stepwell.v1.FlushRequest;
import io.stepwell.v1.FlushResponse;
import io.stepwell.v1.GetRunRequest;
import io.stepwell.v1.GetRunResponse;
import io.stepwell.v1.GetStackRequest;
import io.stepwell.v1.GetStatusRequest;
import io.stepwell.v1.ListComponentsRequest;
import io.stepwell.v1.ListStacksRequest;
import io.stepwell.v1.OpenGatewayRequest;
import io.stepwell.v1.GatewayServiceGrpc;
import io.stepwell.v1.RegisterComponentRequest;
import io.stepwell.v1.RunsServiceGrpc;
import io.stepwell.v1.Secret;
import io.stepwell.v1.SecretsServiceGrpc;
import io.stepwell.v1.Stack;
import io.stepwell.v1.StacksServiceGrpc;
import io.stepwell.v1.Status;
import io.stepwell.v1.WatchStatusRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A client of the local Stepwell daemon, which it starts where there is none. One for a process is enough; all of its
 * methods may be called from any thread.
 *
 * <p>The environment says which daemon: {@code STEPWELL_ENDPOINT}, else that of {@code STEPWELL_HOME}, else that of the
 * user's data folder. {@code STEPWELL_COMMAND} names the command that starts one; {@code STEPWELL_AUTOSTART=0} starts none.
 * {@code STEPWELL_BUFFER_BYTES} bounds the spool, {@code STEPWELL_EXIT_TIMEOUT} the wait of {@link #close}, in seconds.
 */
public final class Stepwell implements AutoCloseable {
  static final String CLIENT_NAME = "java";
  static final String VERSION = "0.1.0";

  private final Settings settings;
  private final Producer producer;
  private final Calls calls;
  private final Thread atEnd;
  private final Set<Run> openRuns = new LinkedHashSet<>();
  /** Runs that people were told of, by their ids; of those that have ended with their status. */
  private final Map<Run, String> told = new LinkedHashMap<>();

  private int runsTold;

  private Stepwell(Settings settings) {
    this.settings = settings;
    this.producer = new Producer(settings);
    this.calls = new Calls(settings);
    // Where nobody closes the client, what was logged is sent all the same.
    this.atEnd = new Thread(() -> producer.closeAll(settings.exit), "stepwell-end");
    try {
      Runtime.getRuntime().addShutdownHook(atEnd);
    } catch (IllegalStateException error) {
      // The process is about to end: its spool is all that is left.
    }
  }

  /**
   * Opens a client as the environment says. It waits for nothing: the daemon is looked for when something is logged or asked.
   *
   * @throws StepwellException STEPWELL_SETTING_INVALID or STEPWELL_HOME_UNUSABLE
   */
  public static Stepwell open() {
    return open(System.getenv());
  }

  /**
   * Opens a client with another environment than the process's.
   *
   * @throws StepwellException as {@link #open()}
   */
  public static Stepwell open(Map<String, String> environment) {
    return new Stepwell(new Settings(environment));
  }

  Producer producer() {
    return producer;
  }

  Calls calls() {
    return calls;
  }

  /** Describes a run, which {@link RunBuilder#start} then starts. */
  public RunBuilder run() {
    return new RunBuilder(this, producer);
  }

  /**
   * Logs to a run that somebody else began and will end.
   *
   * @param runIds one, or several that are logged to as one
   * @throws StepwellException STEPWELL_RUN_ID_INVALID or STEPWELL_CLIENT_CLOSED
   */
  public Run attach(String... runIds) {
    List<Opening> openings = new ArrayList<>();
    if (runIds.length == 0) Checks.runId(null);
    for (String each : runIds) Checks.runId(each);
    for (String each : runIds) openings.add(producer.open(each, null));
    String uri = settings.environment.getOrDefault("MLFLOW_TRACKING_URI", "");
    boolean isInherited = String.join(",", runIds).equals(settings.given("STEPWELL_RUN_ID"));
    String given = isInherited && uri.startsWith("http://127.0.0.1:") ? uri : "";
    return new Run(this, producer, openings, List.of(), given, false);
  }

  /**
   * Waits until all that was logged is on the daemon's disk, 60 s at most.
   *
   * @throws StepwellException as {@link #flush(Duration)}
   */
  public void flush() throws InterruptedException {
    flush(Duration.ofMillis(Contract.FLUSH_WAIT_MS));
  }

  /**
   * Waits until all that was logged is on the daemon's disk: fsynced, so that no crash and no power cut loses it.
   *
   * @throws StepwellException STEPWELL_FLUSH_TIMEOUT when the time is over, after which the client goes on; or the error that
   *     keeps anything from being sent, as STEPWELL_VERSION_MISMATCH
   */
  public void flush(Duration timeout) throws InterruptedException {
    producer.flush(timeout);
  }

  /**
   * Waits until the backends have confirmed all that was logged: {@link #flush(Duration)}, and more. What is flushed outlives
   * this process and a power cut, but not this machine's disk; what is drained is where it was to go. When the time is over
   * the answer says what is not there yet, and the daemon goes on with it.
   *
   * @param timeout at most a day
   * @return whether all is there, what of it is not, and how many entries a backend refused for good
   * @throws StepwellException as {@link #flush(Duration)}, STEPWELL_SETTING_INVALID, STEPWELL_DAEMON_UNREACHABLE, or
   *     STEPWELL_RUN_UNKNOWN where the home was replaced since
   */
  public FlushResponse drain(Duration timeout) throws InterruptedException {
    long millis = timeout.toMillis();
    if (millis < 1 || millis > Limits.DRAIN_MILLIS_MAX) {
      throw new StepwellException(
          "STEPWELL_SETTING_INVALID",
          "The time to drain is from 1 to " + Limits.DRAIN_MILLIS_MAX + " ms, not " + millis + ".");
    }
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    producer.flush(timeout);
    List<String> runIds = producer.runIds();
    if (runIds != null && runIds.isEmpty()) return FlushResponse.newBuilder().setDrained(true).build();
    long left = Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime()));
    FlushRequest request =
        FlushRequest.newBuilder()
            .setTimeoutMs((int) left)
            .addAllRunIds(runIds == null ? List.of() : runIds)
            .build();
    return calls.call(
        channel ->
            DaemonServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(left + Limits.DRAIN_ANSWER_MILLIS, TimeUnit.MILLISECONDS)
                .flush(request),
        left + Limits.DRAIN_ANSWER_MILLIS,
        true);
  }

  /** What became of the entries that this client logged. */
  public Stats stats() {
    return producer.stats();
  }

  /**
   * What the daemon has queued, delivered, and what is wrong.
   *
   * @throws StepwellException STEPWELL_DAEMON_UNREACHABLE, or the daemon's own
   */
  public Status status() {
    return calls.call(
        channel ->
            DaemonServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(Limits.CALL_MILLIS, TimeUnit.MILLISECONDS)
                .getStatus(GetStatusRequest.getDefaultInstance())
                .getStatus());
  }

  /**
   * Watches the daemon's state: at once, and then at each interval, from 50 ms to a minute.
   *
   * @throws StepwellException STEPWELL_DAEMON_UNREACHABLE, or the daemon's own
   */
  public Watch watchState(Duration interval) {
    WatchStatusRequest request =
        WatchStatusRequest.newBuilder().setIntervalMs((int) interval.toMillis()).build();
    return calls.call(
        channel -> new Watch(() -> DaemonServiceGrpc.newBlockingStub(channel).watchStatus(request)));
  }

  /**
   * A run as the daemon knows it, with what is delivered, or waits and why.
   *
   * @param runId an id, or a unique prefix of at least 4 digits
   * @throws StepwellException STEPWELL_RUN_UNKNOWN, STEPWELL_NAME_AMBIGUOUS or STEPWELL_DAEMON_UNREACHABLE
   */
  public GetRunResponse describe(String runId) {
    return calls.call(channel -> getRun(channel, runId, Limits.CALL_MILLIS));
  }

  private static GetRunResponse getRun(io.grpc.Channel channel, String runId, long millis) {
    return RunsServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(millis, TimeUnit.MILLISECONDS)
        .getRun(GetRunRequest.newBuilder().setRunId(runId).build());
  }

  /**
   * All stacks, by name.
   *
   * @throws StepwellException STEPWELL_DAEMON_UNREACHABLE, or the daemon's own
   */
  public List<Stack> stacks() {
    return calls.call(
        channel -> {
          List<Stack> found = new ArrayList<>();
          StacksServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(Limits.LIST_MILLIS, TimeUnit.MILLISECONDS)
              .listStacks(ListStacksRequest.getDefaultInstance())
              .forEachRemaining(piece -> found.addAll(piece.getStacksList()));
          return found;
        });
  }

  /**
   * The stack that is active: runs go to its first experiment tracker unless they name others.
   *
   * @throws StepwellException STEPWELL_DAEMON_UNREACHABLE, or the daemon's own
   */
  public Stack activeStack() {
    return calls.call(
        channel ->
            StacksServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(Limits.CALL_MILLIS, TimeUnit.MILLISECONDS)
                .getStack(GetStackRequest.getDefaultInstance())
                .getStack());
  }

  /**
   * All experiment trackers, by name. No setting of one is a credential.
   *
   * @throws StepwellException STEPWELL_DAEMON_UNREACHABLE, or the daemon's own
   */
  public List<Component> trackers() {
    ListComponentsRequest request =
        ListComponentsRequest.newBuilder().setType(ComponentType.COMPONENT_TYPE_EXPERIMENT_TRACKER).build();
    return calls.call(
        channel -> {
          List<Component> found = new ArrayList<>();
          StacksServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(Limits.LIST_MILLIS, TimeUnit.MILLISECONDS)
              .listComponents(request)
              .forEachRemaining(piece -> found.addAll(piece.getComponentsList()));
          return found;
        });
  }

  /**
   * Registers an experiment tracker of the flavor {@code mlflow}. A credential may be a reference to a secret, as in
   * {@code {{mlflow.token}}}; one in plain text is moved into a secret.
   *
   * @param configuration its settings, as {@code tracking_uri}; empty: a local one
   * @throws StepwellException STEPWELL_NAME_TAKEN, STEPWELL_CONFIG_INVALID or STEPWELL_DAEMON_UNREACHABLE
   */
  public Component registerTracker(String name, Map<String, String> configuration) {
    RegisterComponentRequest request =
        RegisterComponentRequest.newBuilder()
            .setType(ComponentType.COMPONENT_TYPE_EXPERIMENT_TRACKER)
            .setName(name)
            .setFlavor("mlflow")
            .putAllConfiguration(configuration)
            .build();
    return calls.call(
        channel ->
            StacksServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(Limits.CALL_MILLIS, TimeUnit.MILLISECONDS)
                .registerComponent(request)
                .getComponent());
  }

  /**
   * Creates a secret, whose values the daemon keeps in the system's keychain or its vault.
   *
   * @throws StepwellException STEPWELL_NAME_TAKEN, STEPWELL_SECRET_INVALID, STEPWELL_KEYCHAIN_LOCKED or its like, or
   *     STEPWELL_DAEMON_UNREACHABLE
   */
  public Secret createSecret(String name, Map<String, String> values) {
    CreateSecretRequest request = CreateSecretRequest.newBuilder().setName(name).putAllValues(values).build();
    return calls.call(
        channel ->
            SecretsServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(Limits.CALL_MILLIS, TimeUnit.MILLISECONDS)
                .createSecret(request)
                .getSecret());
  }

  /** The address at which the daemon speaks MLflow's API for a tracker; empty: the active stack's default one. */
  String openGateway(String tracker) {
    OpenGatewayRequest request = OpenGatewayRequest.newBuilder().setTracker(tracker).build();
    return calls.call(
        channel ->
            GatewayServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(Limits.CALL_MILLIS, TimeUnit.MILLISECONDS)
                .openGateway(request)
                .getTrackingUri());
  }

  /** Says that a run begins: of the first few. */
  void hasBegun(Run run, String name, String how) {
    synchronized (openRuns) {
      openRuns.add(run);
      if (settings.isQuiet() || runsTold++ >= Contract.RUNS_TOLD) {
        if (runsTold == Contract.RUNS_TOLD + 1) {
          Warnings.say("further runs of this process are not told of. All: stepwell runs list");
        }
        return;
      }
      told.put(run, shown(name.isEmpty() ? run.id() : name));
      Warnings.say("run " + told.get(run) + " " + how + ". Look: stepwell runs show " + run.id());
    }
  }

  void hasEnded(Run run, RunStatus status) {
    synchronized (openRuns) {
      openRuns.remove(run);
      told.computeIfPresent(run, (each, name) -> name + " " + status);
    }
  }

  private static String shown(String name) {
    String plain = name.replaceAll("[\\p{C}\\p{Zl}\\p{Zp}]", "?");
    int most = Contract.RUN_NAME_CHARACTERS_TOLD;
    return plain.length() <= most ? plain : plain.substring(0, most - 3) + "...";
  }

  /**
   * Ends the runs that are open as FINISHED, and waits until the daemon has all that was logged: as long as acknowledgements
   * go on arriving, and 10 s without one. What it does not have then stays in the home's spool, where the daemon finds it; one
   * line on stderr says so. May be called more than once.
   */
  @Override
  public void close() {
    close(settings.exit);
  }

  /**
   * The same, with another time for the wait for the next acknowledgement.
   */
  public void close(Duration patience) {
    List<Run> open;
    synchronized (openRuns) {
      open = new ArrayList<>(openRuns);
    }
    open.forEach(Run::close);
    if (producer.closeAll(patience)) tellEnds();
    calls.close();
    try {
      Runtime.getRuntime().removeShutdownHook(atEnd);
    } catch (IllegalStateException error) {
      // The process is about to end.
    }
  }

  /** Says what became of the runs that people were told of. */
  private void tellEnds() {
    Map<Run, String> ended;
    synchronized (openRuns) {
      ended = new LinkedHashMap<>(told);
      told.clear();
    }
    ended.forEach(
        (run, name) -> {
          String standing = "";
          try {
            standing = calls.call(channel -> getRun(channel, run.id(), 500), 0, false).getStanding();
          } catch (StepwellException error) {
            // Whatever keeps the daemon from saying more.
          }
          if (standing.isEmpty()) standing = "It is on disk, for the daemon to deliver.";
          Warnings.say("run " + name + ". " + standing);
        });
  }
}
