package io.stepwell;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** Batches that the daemon has not acknowledged: the producer's side of the sequence protocol, without any input or output. */
final class Outbox {
  private final Spool spool;
  private final ArrayDeque<Batch> sent = new ArrayDeque<>();
  private ArrayDeque<Batch> unsent = new ArrayDeque<>();
  private long firstSequence = 1;
  private long inFlightBytes;
  private long windowBytes;
  private long rewoundTo;
  private volatile long bytes;
  private volatile long entries;

  Outbox(Spool spool) {
    this.spool = spool;
  }

  /** The lowest sequence that is not acknowledged; the next one to be given out when there is none. */
  long firstSequence() {
    return firstSequence;
  }

  long nextSequence() {
    return firstSequence + sent.size() + unsent.size();
  }

  boolean isEmpty() {
    return sent.isEmpty() && unsent.isEmpty();
  }

  /** Entries that are held. Other threads may ask, too. */
  long entries() {
    return entries;
  }

  /** Bytes that are held. Other threads may ask, too. */
  long bytes() {
    return bytes;
  }

  /** Bytes that may be cut now: what the window takes beside all that is held. */
  long room() {
    return windowBytes - bytes;
  }

  /** Takes a batch that was made with nextSequence, and marks it in the spool. */
  void add(Batch batch) {
    batch.mark();
    batch.opening.unacknowledged++;
    unsent.add(batch);
    bytes += batch.bytes();
    entries += batch.entries;
  }

  /** A new stream: what the daemon has is settled, the rest is sent again from the start. */
  long welcome(long journaledSequence, long windowBytesNow) {
    disconnected();
    windowBytes = windowBytesNow;
    return acknowledge(journaledSequence);
  }

  /** The stream is gone: nothing is under way, and nothing may be sent. */
  void disconnected() {
    sendAgainFrom(firstSequence);
    windowBytes = 0;
    rewoundTo = 0;
  }

  /** The next batch that may be sent; null when there is none. */
  Batch take() {
    Batch batch = unsent.peek();
    if (batch == null) return null;
    // A batch that was cut for a daemon with a larger window goes alone.
    if (inFlightBytes > 0 && inFlightBytes + batch.bytes() > windowBytes) return null;
    unsent.poll();
    sent.add(batch);
    inFlightBytes += batch.bytes();
    return batch;
  }

  /** The daemon has everything through the sequence. Answers the entries that it took. */
  long acknowledge(long sequence) {
    long taken = 0;
    while (!isEmpty() && firstSequence <= sequence) {
      Batch batch = sent.poll();
      if (batch == null) batch = unsent.poll();
      else inFlightBytes -= batch.bytes();
      firstSequence++;
      bytes -= batch.bytes();
      entries -= batch.entries;
      taken += batch.settle(spool);
    }
    return taken;
  }

  /**
   * The daemon missed a sequence: go on from there. Batches that were under way behind the gap are each answered with the
   * same request, so only the first one counts.
   */
  void rewind(long expectedSequence) {
    if (expectedSequence == rewoundTo || expectedSequence < firstSequence) return;
    rewoundTo = expectedSequence;
    sendAgainFrom(expectedSequence);
  }

  /** A batch that is held; null for any other. */
  Batch held(long sequence) {
    for (Batch each : sent) if (each.sequence == sequence) return each;
    return null;
  }

  /** The openings that held batches are of. */
  List<Opening> openings() {
    List<Opening> found = new ArrayList<>();
    for (ArrayDeque<Batch> each : List.of(sent, unsent)) {
      for (Batch batch : each) if (!found.contains(batch.opening)) found.add(batch.opening);
    }
    return found;
  }

  private void sendAgainFrom(long sequence) {
    while (!sent.isEmpty() && sent.peekLast().sequence >= sequence) {
      Batch batch = sent.pollLast();
      inFlightBytes -= batch.bytes();
      unsent.addFirst(batch);
    }
  }
}
