package io.stepwell;

import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import io.stepwell.v1.Status;
import io.stepwell.v1.WatchStatusResponse;
import java.util.Iterator;
import java.util.function.Supplier;

/**
 * The daemon's state as it changes: what is queued, delivered and wrong. Close it to end it; a thread that waits for the
 * next one then hears that there is none.
 */
public final class Watch implements Iterator<Status>, AutoCloseable {
  private final Context.CancellableContext context = Context.current().withCancellation();
  private final Iterator<WatchStatusResponse> answers;

  Watch(Supplier<Iterator<WatchStatusResponse>> open) {
    Context before = context.attach();
    try {
      answers = open.get();
    } finally {
      context.detach(before);
    }
  }

  /**
   * Waits for the next state; false once this was closed.
   *
   * @throws StepwellException when the daemon ends, or the connection to it
   */
  @Override
  public boolean hasNext() {
    try {
      return answers.hasNext();
    } catch (StatusRuntimeException error) {
      if (context.isCancelled()) return false;
      throw Connection.error(error.getStatus(), error.getTrailers());
    }
  }

  @Override
  public Status next() {
    if (!hasNext()) throw new java.util.NoSuchElementException("The watch was closed.");
    return answers.next().getStatus();
  }

  @Override
  public void close() {
    context.cancel(null);
  }
}
