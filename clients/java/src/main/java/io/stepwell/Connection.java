package io.stepwell;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.stepwell.v1.DaemonServiceGrpc;
import io.stepwell.v1.GetInfoRequest;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** A connection to the home's own daemon, which is started where none answers. */
final class Connection implements AutoCloseable {
  private static final Metadata.Key<String> CODE =
      Metadata.Key.of("stepwell-code", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> REMEDY =
      Metadata.Key.of("stepwell-remedy", Metadata.ASCII_STRING_MARSHALLER);

  final ManagedChannel channel;

  private Connection(ManagedChannel channel) {
    this.channel = channel;
  }

  /**
   * Connects to a daemon that is this home's, and of this user. Throws STEPWELL_DAEMON_UNREACHABLE, STEPWELL_HOME_OPEN,
   * STEPWELL_ENDPOINT_FOREIGN, STEPWELL_SETTING_INVALID or STEPWELL_PLATFORM_UNSUPPORTED.
   */
  static Connection open(DaemonFinder finder, Transport transport, boolean mayStart)
      throws InterruptedException {
    String endpoint = finder.find();
    Connection connection = endpoint == null ? null : connect(transport, endpoint);
    if (connection == null) {
      if (!mayStart) {
        throw DaemonFinder.unreachable("No daemon answers, and nothing is to be sent.");
      }
      finder.start();
      endpoint = finder.find();
      connection = endpoint == null ? null : connect(transport, endpoint);
      if (connection == null) {
        StepwellException failure = finder.startFailure();
        if (failure != null) throw failure;
        throw DaemonFinder.unreachable("There is no daemon, and starting one failed.");
      }
    }
    try {
      if (!finder.isFixed()) finder.check(connection.home());
      return connection;
    } catch (RuntimeException error) {
      connection.close();
      throw error;
    }
  }

  /** Null where nobody answers: a killed daemon leaves its file and its socket behind. */
  private static Connection connect(Transport transport, String endpoint) throws InterruptedException {
    AtomicReference<StepwellException> foreign = new AtomicReference<>();
    ManagedChannel channel;
    try {
      channel = transport.channel(endpoint, foreign::set);
    } catch (IOException error) {
      return null;
    }
    boolean isReady = isReady(channel);
    if (!isReady) channel.shutdownNow();
    if (foreign.get() != null) throw foreign.get();
    return isReady ? new Connection(channel) : null;
  }

  private static boolean isReady(ManagedChannel channel) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Limits.CONNECT_MILLIS);
    while (true) {
      ConnectivityState state = channel.getState(true);
      if (state == ConnectivityState.READY) return true;
      if (state == ConnectivityState.TRANSIENT_FAILURE || state == ConnectivityState.SHUTDOWN) return false;
      CountDownLatch changed = new CountDownLatch(1);
      channel.notifyWhenStateChanged(state, changed::countDown);
      long left = deadline - System.nanoTime();
      if (left <= 0 || !changed.await(left, TimeUnit.NANOSECONDS)) return false;
    }
  }

  private String home() {
    try {
      return DaemonServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(Contract.WELCOME_WAIT_MS, TimeUnit.MILLISECONDS)
          .getInfo(GetInfoRequest.getDefaultInstance())
          .getHome();
    } catch (StatusRuntimeException error) {
      throw error(error.getStatus(), error.getTrailers());
    }
  }

  /** How a call or a stream ended, as one error: the daemon's own where it gave one. */
  static StepwellException error(Status status, Metadata trailers) {
    String code = trailers == null ? null : trailers.get(CODE);
    if (code == null) {
      String why = status.getDescription() == null ? "" : " (" + status.getDescription() + ")";
      return DaemonFinder.unreachable("The daemon did not answer: " + status.getCode() + why + ".");
    }
    String remedy = trailers.get(REMEDY);
    String sentence = status.getDescription() == null ? "" : status.getDescription();
    return new StepwellException(code, sentence, remedy == null ? "" : remedy);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
