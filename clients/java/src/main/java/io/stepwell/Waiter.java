package io.stepwell;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** One thread's wait until what was logged before is acknowledged. */
final class Waiter {
  private final CountDownLatch over = new CountDownLatch(1);
  private StepwellException error;
  /** The last sequence that it waits for; -1 while that is not known. For the sending thread. */
  long mark = -1;

  void settle(StepwellException why) {
    error = why;
    over.countDown();
  }

  /** Whether it came within the time. Throws the error that ended it. */
  boolean await(long nanos) throws InterruptedException {
    if (!over.await(Math.max(0, nanos), TimeUnit.NANOSECONDS)) return false;
    if (error != null) throw error;
    return true;
  }
}
