package io.stepwell;

import io.grpc.StatusRuntimeException;
import io.stepwell.v1.Close;
import io.stepwell.v1.Hello;
import io.stepwell.v1.IngestRequest;
import io.stepwell.v1.IngestResponse;
import io.stepwell.v1.Rejection;
import io.stepwell.v1.Welcome;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Keeps one stream to the daemon open, whatever happens to either.
 *
 * <p>A stream ends in an error, or answers nothing: the next one is opened after a pause drawn at random, with a higher
 * epoch. The daemon's Welcome says what is on its disk; the rest is sent again in order, so that nothing is lost or
 * doubled.
 */
final class Sender implements Runnable {
  /** Codes of what does not pass by itself, beside those of the contract: they are said at once. */
  private static final Set<String> SAID_AT_ONCE = Set.of("STEPWELL_PLATFORM_UNSUPPORTED", "STEPWELL_SETTING_INVALID");

  private final Producer producer;
  private final DaemonFinder finder;
  private final Outbox outbox;
  private final Thread thread;
  private final CopyOnWriteArrayList<Waiter> waiters = new CopyOnWriteArrayList<>();
  private final Set<String> refusalsSaid = new HashSet<>();
  private Transport transport;
  private long epoch;
  private String homeId = "";
  private int batchBytesMax = Contract.BATCH_BYTES_MAX;
  private long lastLook;
  private long pauseNanos = Limits.LINGER_NANOS;
  private volatile StepwellException failure;
  private volatile StepwellException trouble;
  private volatile boolean isCutting;
  private volatile boolean isClosing;
  private volatile boolean isStopped;

  Sender(Producer producer) {
    this.producer = producer;
    this.finder = new DaemonFinder(producer.settings);
    this.outbox = new Outbox(producer.spool());
    this.thread = new Thread(this, "stepwell-sender");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  void wake() {
    LockSupport.unpark(thread);
  }

  void add(Waiter waiter) {
    waiters.add(waiter);
  }

  void forget(Waiter waiter) {
    waiters.remove(waiter);
  }

  /** Why nothing is acknowledged now; null where nothing is known. */
  StepwellException trouble() {
    return failure != null ? failure : trouble;
  }

  long heldEntries() {
    return outbox.entries();
  }

  /** Throws the error after which nothing is sent any more. */
  void checkFailure() {
    if (failure != null) throw failure;
  }

  /** Whether anything is cut, or being cut, and not acknowledged. Other threads may ask. */
  boolean isHolding() {
    return isCutting || outbox.bytes() > 0;
  }

  /** Ends the thread: after a good end of the producer where all is acknowledged, else at once. */
  void close(boolean isGood, long nanos) {
    isClosing = isGood;
    isStopped = !isGood;
    wake();
    join(TimeUnit.NANOSECONDS.toMillis(nanos) + 1_000);
    isStopped = true;
    thread.interrupt();
    join(1_000);
  }

  private void join(long millis) {
    boolean wasInterrupted = Thread.interrupted();
    try {
      thread.join(millis);
    } catch (InterruptedException error) {
      wasInterrupted = true;
    }
    if (wasInterrupted) Thread.currentThread().interrupt();
  }

  @Override
  public void run() {
    try {
      transport = new Transport();
      keepStreaming();
    } catch (InterruptedException error) {
      // The producer was closed.
    } catch (RuntimeException | Error error) {
      fail(new StepwellException("STEPWELL_INTERNAL", "The sender failed: " + error + "."));
    } finally {
      if (transport != null) transport.close();
    }
  }

  private void keepStreaming() throws InterruptedException {
    int failures = 0;
    long unreachableSince = 0;
    boolean hasWarned = false;
    while (!isStopped && failure == null) {
      long connects = producer.counters.connects.get();
      try {
        streamOnce();
        return;
      } catch (StepwellException error) {
        trouble = error;
      } catch (StatusRuntimeException error) {
        trouble = Connection.error(error.getStatus(), error.getTrailers());
      }
      if (Contract.FINAL_CODES.contains(trouble.code())) {
        fail(trouble);
        return;
      }
      // A producer that ends has nothing more to say.
      if (isClosing && outbox.isEmpty()) return;
      long now = System.nanoTime();
      if (producer.counters.connects.get() > connects) {
        failures = 0;
        unreachableSince = 0;
      }
      if (unreachableSince == 0) unreachableSince = now | 1;
      if (!hasWarned && now - unreachableSince >= TimeUnit.MILLISECONDS.toNanos(patienceMillis(trouble))) {
        hasWarned = true;
        Warnings.warn(trouble);
      }
      long bound = Math.min(Contract.RECONNECT_WAIT_MS_MAX, Contract.RECONNECT_WAIT_MS_MIN << failures);
      failures = Math.min(failures + 1, 16);
      Thread.sleep(ThreadLocalRandom.current().nextLong(bound + 1));
    }
  }

  /** How long trouble may last before it is said: what does not pass by itself is said soon. */
  private long patienceMillis(StepwellException error) {
    if (Contract.UNSAFE_CODES.contains(error.code()) || SAID_AT_ONCE.contains(error.code())) return 0;
    if (error != finder.startFailure()) return Contract.UNREACHABLE_WARNING_MS;
    return finder.isCommandMissing() ? 0 : Contract.START_FAILURE_WARNING_MS;
  }

  /** Returns when the producer was closed; throws otherwise. */
  private void streamOnce() throws InterruptedException {
    boolean mayStart = producer.hasEntries() || !outbox.isEmpty();
    try (Connection connection = Connection.open(finder, transport, mayStart)) {
      Stream stream = new Stream(connection.channel, this::wake);
      try {
        greet(stream);
        talk(stream);
      } finally {
        outbox.disconnected();
        stream.cancel();
      }
    }
  }

  private void greet(Stream stream) throws InterruptedException {
    epoch++;
    stream.send(
        IngestRequest.newBuilder()
            .setHello(
                Hello.newBuilder()
                    .setProtocolVersion(Contract.PROTOCOL_VERSION)
                    .setClientName(Stepwell.CLIENT_NAME)
                    .setClientVersion(Stepwell.VERSION)
                    .setProducerId(ByteString.copyFrom(producer.id))
                    .setEpoch(epoch)
                    .setFirstUnacknowledgedSequence(outbox.firstSequence())
                    .setProcess(ThisProcess.identity()))
            .build());
    Object answer = answerWithin(stream, Contract.WELCOME_WAIT_MS);
    if (answer == null) throw DaemonFinder.unreachable("The daemon did not answer Hello.");
    if (answer instanceof Stream.End) throw errorOf((Stream.End) answer);
    if (!((IngestResponse) answer).hasWelcome()) {
      throw new StepwellException("STEPWELL_HANDSHAKE_INVALID", "The daemon's first answer is no Welcome.");
    }
    welcome(((IngestResponse) answer).getWelcome());
  }

  private Object answerWithin(Stream stream, long millis) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (true) {
      Object answer = stream.poll();
      long left = deadline - System.nanoTime();
      if (answer != null || left <= 0) return answer;
      park(Math.min(left, Limits.IDLE_LOOK_NANOS));
    }
  }

  private void welcome(Welcome welcome) {
    finder.checkId(welcome.getHomeId());
    long messageMax = Integer.toUnsignedLong(welcome.getMessageBytesMax());
    long window = Math.max(0, welcome.getUnacknowledgedBytesMax());
    batchBytesMax = (int) Math.min(Contract.BATCH_BYTES_MAX, Math.min(messageMax, window));
    producer.counters.connects.incrementAndGet();
    trouble = null;
    producer.counters.acknowledged.addAndGet(outbox.welcome(welcome.getJournaledSequence(), window));
    if (!homeId.isEmpty() && !homeId.equals(welcome.getHomeId())) beginRunsAgain(welcome.getHomeId());
    homeId = welcome.getHomeId();
  }

  /** Another home, which may have another journal, gets the start of each run that goes on. */
  private void beginRunsAgain(String nowId) {
    List<Opening> again = new ArrayList<>(producer.openings());
    for (Opening each : outbox.openings()) if (!again.contains(each)) again.add(each);
    for (Opening each : again) each.startAgain();
    Warnings.warn(
        new StepwellException(
            "STEPWELL_HOME_CHANGED",
            "The home has another id than before, " + nowId + " instead of " + homeId
                + ": its open runs were begun again, and what was acknowledged before may not be in it."));
  }

  private void talk(Stream stream) throws InterruptedException {
    long quietSince = System.nanoTime();
    while (true) {
      hear(stream);
      if (isStopped) throw new InterruptedException();
      look();
      for (Batch batch = outbox.take(); batch != null; batch = outbox.take()) {
        stream.send(batch.encode());
        if (!batch.wasSent) producer.counters.sent.addAndGet(batch.entries);
        batch.wasSent = true;
      }
      settleWaiters();
      forgetSettled();
      boolean isBusy = !outbox.isEmpty() || producer.hasEntries();
      if (isClosing && !isBusy) {
        close(stream);
        return;
      }
      long now = System.nanoTime();
      if (isBusy || !waiters.isEmpty()) quietSince = now;
      if (now - quietSince > Limits.IDLE_NANOS) {
        sleepUntilWoken(stream);
        quietSince = System.nanoTime();
      } else {
        park(untilNextLook(now));
      }
    }
  }

  /** Looking through very many keys may take no more than a part of this thread's time. */
  private long untilNextLook(long now) {
    return Math.max(0, lastLook + pauseNanos - now);
  }

  /** Cuts what waits, once it had time to gather, or as somebody waits for it. */
  private void look() {
    long started = System.nanoTime();
    boolean isWaitedFor = false;
    for (Waiter each : waiters) isWaitedFor |= each.mark < 0;
    if (!isWaitedFor && !isClosing && started - lastLook < pauseNanos) return;
    // Once, and all of it where somebody waits: other threads may log faster than this one would come to an end.
    isCutting = true;
    boolean isAll = cut(isWaitedFor ? Long.MAX_VALUE : outbox.room());
    isCutting = false;
    if (isWaitedFor && isAll) {
      for (Waiter each : waiters) if (each.mark < 0) each.mark = outbox.nextSequence() - 1;
    }
    lastLook = System.nanoTime();
    pauseNanos = Math.min(Limits.LINGER_NANOS_MAX, Math.max(Limits.LINGER_NANOS, 4 * (lastLook - started)));
  }

  private boolean cut(long room) {
    if (room <= 0) return false;
    boolean isAll = true;
    long left = room;
    for (Opening each : producer.openings()) {
      Cutter cutter = new Cutter(each, outbox, batchBytesMax, left, this::placeGivenUp, this::tooLarge);
      isAll &= cutter.cut();
      left = cutter.room();
      if (left <= 0) return false;
    }
    return isAll;
  }

  private void placeGivenUp() {
    producer.counters.dropped.incrementAndGet();
  }

  private void sleepUntilWoken(Stream stream) throws InterruptedException {
    producer.isAsleep = true;
    // A log call that looked before is seen after a moment.
    park(Limits.LINGER_NANOS);
    while (producer.isAsleep && waiters.isEmpty() && !isClosing && !isStopped && !producer.hasEntries()) {
      hear(stream);
      park(Limits.IDLE_LOOK_NANOS);
    }
    producer.isAsleep = false;
  }

  private static void park(long nanos) throws InterruptedException {
    if (nanos > 0) LockSupport.parkNanos(nanos);
    if (Thread.interrupted()) throw new InterruptedException();
  }

  private void hear(Stream stream) {
    for (Object answer = stream.poll(); answer != null; answer = stream.poll()) {
      if (answer instanceof Stream.End) throw errorOf((Stream.End) answer);
      IngestResponse response = (IngestResponse) answer;
      switch (response.getMessageCase()) {
        case ACK:
          producer.counters.acknowledged.addAndGet(outbox.acknowledge(response.getAck().getSequence()));
          break;
        case REJECTION:
          refused(response.getRejection());
          break;
        case REWIND:
          outbox.rewind(response.getRewind().getExpectedSequence());
          break;
        default:
          break;
      }
    }
  }

  private static StepwellException errorOf(Stream.End end) {
    return end.error != null ? end.error : DaemonFinder.unreachable("The daemon ended the stream.");
  }

  private void close(Stream stream) throws InterruptedException {
    stream.send(IngestRequest.newBuilder().setClose(Close.getDefaultInstance()).build());
    stream.halfClose();
    Object answer;
    do {
      answer = answerWithin(stream, Contract.CLOSE_WAIT_MS);
    } while (answer != null && !(answer instanceof Stream.End));
  }

  private void refused(Rejection rejection) {
    Batch batch = outbox.held(rejection.getSequence());
    if (batch == null) return;
    int kind = rejection.getKindValue();
    int entries = batch.refuse(kind, rejection.getIndex(), rejection.getEntries());
    producer.counters.rejected.addAndGet(entries);
    String key = batch.keyOf(kind, rejection.getIndex());
    String what = key.isEmpty() ? "An entry was refused: " : "\"" + key + "\" was refused: ";
    sayRefusal(new StepwellException(rejection.getCode(), what + rejection.getMessage(), rejection.getRemedy()), key);
  }

  private void tooLarge(Spool.Record record) {
    producer.counters.rejected.addAndGet(Math.max(1, record.entries));
    sayRefusal(
        new StepwellException("STEPWELL_ENTRY_TOO_LARGE", "\"" + record.key + "\" fits into no message."), record.key);
  }

  private void sayRefusal(StepwellException error, String key) {
    if (refusalsSaid.size() < Limits.REJECTION_WARNINGS_MAX && refusalsSaid.add(error.code() + " " + key)) {
      Warnings.warn(error);
    }
  }

  private void settleWaiters() {
    for (Waiter each : waiters) {
      boolean isDone = each.mark >= 0 && each.mark < outbox.firstSequence();
      if (!isDone && failure == null) continue;
      waiters.remove(each);
      each.settle(isDone ? null : failure);
    }
  }

  /** Lets go of runs that have ended and were acknowledged. */
  private void forgetSettled() {
    List<Opening> settled = new ArrayList<>();
    for (Opening each : producer.openings()) if (each.isSettled()) settled.add(each);
    if (settled.isEmpty()) return;
    for (Opening each : settled) each.release();
    producer.forget(settled);
  }

  private void fail(StepwellException error) {
    failure = error;
    settleWaiters();
    Warnings.warn(error);
  }
}
