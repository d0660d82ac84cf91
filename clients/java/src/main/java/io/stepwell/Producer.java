package io.stepwell;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** A client as the daemon's producer: its spool, its sending thread, its end. */
final class Producer {
  final Settings settings;
  final Counters counters = new Counters();
  final byte[] id = new byte[16];
  private final CopyOnWriteArrayList<Opening> openings = new CopyOnWriteArrayList<>();
  private final AtomicInteger openingNumber = new AtomicInteger();
  private final AtomicBoolean hasWarned = new AtomicBoolean();
  private final Set<String> runIds = new LinkedHashSet<>();
  private Spool spool;
  private Sender sender;
  private boolean isClosed;
  /** The sending thread sleeps until it is woken; it looks by itself now and then. */
  volatile boolean isAsleep;

  Producer(Settings settings) {
    this.settings = settings;
    new SecureRandom().nextBytes(id);
  }

  /** Begins to log to a run. Throws STEPWELL_CLIENT_CLOSED. */
  synchronized Opening open(String runId, byte[] start) {
    if (isClosed) throw new StepwellException("STEPWELL_CLIENT_CLOSED", "This client was closed.");
    if (spool == null) {
      spool = SpoolPlace.open(settings, id);
      sender = new Sender(this);
      sender.start();
    }
    // One more than a drain names, which says that there were too many.
    if (runIds.size() <= Contract.DRAIN_RUNS_MAX) runIds.add(runId);
    Opening opening = new Opening(this, openingNumber.incrementAndGet(), runId, start);
    if (opening.isLost()) {
      drop(0);
      Warnings.say("the run " + runId + " found no room in the spool: nothing of it is logged.");
    } else {
      openings.add(opening);
      wake();
    }
    return opening;
  }

  Spool spool() {
    return spool;
  }

  List<Opening> openings() {
    return openings;
  }

  void forget(List<Opening> settled) {
    openings.removeAll(settled);
  }

  boolean hasEntries() {
    for (Opening each : openings) if (each.hasEntries()) return true;
    return false;
  }

  /** Makes the sending thread look at once. */
  void wake() {
    isAsleep = false;
    sender.wake();
  }

  /** Counts entries that are not taken, and says so once. */
  void drop(long entries) {
    counters.dropped.addAndGet(entries);
    if (hasWarned.compareAndSet(false, true)) {
      String size = settings.bufferBytes / 1024 / 1024 + " MiB";
      Warnings.warn(
          new StepwellException(
              "STEPWELL_BUFFER_FULL", size + " wait for the daemon: the newest entries are dropped."));
    }
  }

  /** A run's end found no room. */
  void lostEnd(String runId) {
    Warnings.say("the end of the run " + runId + " found no room in the spool: the daemon will end it as KILLED.");
  }

  /** Waits until all that was logged is acknowledged. See {@link Stepwell#flush}. */
  void flush(Duration timeout) throws InterruptedException {
    Waiter waiter = newWaiter();
    if (waiter != null && !waiter.await(timeout.toNanos())) {
      sender.forget(waiter);
      throw timedOut(timeout);
    }
  }

  /** Waits as flush() as long as acknowledgements go on arriving; throws when for so long none came. */
  private void settle(Duration patience) throws InterruptedException {
    Waiter waiter = newWaiter();
    while (waiter != null) {
      long before = counters.acknowledged.get();
      if (waiter.await(patience.toNanos())) return;
      if (counters.acknowledged.get() == before) {
        sender.forget(waiter);
        throw timedOut(patience);
      }
    }
  }

  private synchronized Waiter newWaiter() {
    if (sender == null) return null;
    sender.checkFailure();
    // In this order: what is taken out of an opening is on its way into the outbox.
    if (!hasEntries() && !sender.isHolding()) return null;
    Waiter waiter = new Waiter();
    sender.add(waiter);
    wake();
    return waiter;
  }

  private StepwellException timedOut(Duration waited) {
    StepwellException trouble = sender.trouble();
    String why = trouble == null ? "" : " " + trouble.sentence();
    String seconds = String.format(java.util.Locale.ROOT, "%.3f", waited.toNanos() / 1e9).replaceAll("\\.?0+$", "");
    return new StepwellException(
        "STEPWELL_FLUSH_TIMEOUT",
        "After " + seconds + " s " + pending() + " entries were not acknowledged." + why);
  }

  /** The runs that were ever logged to; null where they are more than a drain names. */
  synchronized List<String> runIds() {
    return runIds.size() <= Contract.DRAIN_RUNS_MAX ? List.copyOf(runIds) : null;
  }

  /** Entries that are not acknowledged. */
  long pending() {
    long entries = 0;
    for (Opening each : openings) entries += each.waiting();
    return entries + (sender == null ? 0 : sender.heldEntries());
  }

  Stats stats() {
    return new Stats(counters, pending(), spool == null ? 0 : spool.usedBytes());
  }

  /**
   * Sends what is left as long as acknowledgements arrive, and ends. What the daemon does not have then stays in the spool
   * for it; one line on stderr says so. Answers whether the daemon has all of it.
   */
  boolean closeAll(Duration patience) {
    List<Opening> open;
    synchronized (this) {
      if (isClosed) return false;
      isClosed = true;
      open = new ArrayList<>(openings);
    }
    if (sender == null) return true;
    for (Opening each : open) each.end(null);
    boolean isSettled = settled(patience);
    sender.close(isSettled, TimeUnit.MILLISECONDS.toNanos(Contract.CLOSE_WAIT_MS));
    spool.close(isSettled);
    long dropped = counters.dropped.get();
    if (dropped > 0) Warnings.say("in all " + dropped + " entries were dropped.");
    return isSettled;
  }

  private boolean settled(Duration patience) {
    try {
      settle(patience);
      return true;
    } catch (StepwellException error) {
      String left = spool.isInFile() ? " They are in the home's spool, where the daemon finds them." : " They are lost.";
      Warnings.say(error.code() + ": " + error.sentence() + left);
    } catch (InterruptedException error) {
      Thread.currentThread().interrupt();
      Warnings.say("interrupted while " + pending() + " entries were not acknowledged.");
    }
    return false;
  }
}
