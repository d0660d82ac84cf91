package io.stepwell;

import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Single calls to the daemon, beside the stream of logs, on a connection of their own. */
final class Calls implements AutoCloseable {
  private final DaemonFinder finder;
  private Transport transport;
  private Connection connection;
  private boolean isClosed;

  Calls(Settings settings) {
    finder = new DaemonFinder(settings);
  }

  /**
   * Makes a call, and tries again for a bounded time while the daemon is in trouble; starts it where there is none.
   * Throws StepwellException: the daemon's own, or the trouble that it ended with.
   */
  <T> T call(Function<Channel, T> call) {
    return call(call, Limits.CALL_MILLIS, true);
  }

  <T> T call(Function<Channel, T> call, long millis, boolean mayStart) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    long bound = Limits.CALL_PAUSE_MILLIS_MIN;
    while (true) {
      StepwellException trouble;
      try {
        try {
          return call.apply(channel(mayStart));
        } catch (StatusRuntimeException error) {
          trouble = Connection.error(error.getStatus(), error.getTrailers());
        } catch (StepwellException error) {
          trouble = error;
        }
        disconnect();
        if (!Contract.PASSING_CODES.contains(trouble.code()) || System.nanoTime() - deadline >= 0) throw trouble;
        Thread.sleep(ThreadLocalRandom.current().nextLong(bound + 1));
      } catch (InterruptedException error) {
        Thread.currentThread().interrupt();
        throw DaemonFinder.unreachable("The call was interrupted.");
      }
      bound = Math.min(Limits.CALL_PAUSE_MILLIS_MAX, bound * 2);
    }
  }

  /** A channel to the daemon. */
  private synchronized Channel channel(boolean mayStart) throws InterruptedException {
    if (isClosed) throw new StepwellException("STEPWELL_CLIENT_CLOSED", "This client was closed.");
    if (transport == null) transport = new Transport();
    if (connection == null) connection = Connection.open(finder, transport, mayStart);
    return connection.channel;
  }

  private synchronized void disconnect() {
    if (connection != null) connection.close();
    connection = null;
  }

  @Override
  public synchronized void close() {
    isClosed = true;
    disconnect();
    if (transport != null) transport.close();
  }
}
