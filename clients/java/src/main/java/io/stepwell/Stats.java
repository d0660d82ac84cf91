package io.stepwell;

/** What became of the entries that a client logged. An entry is a metric point, a param or a tag. */
public final class Stats {
  private final long sent;
  private final long acknowledged;
  private final long rejected;
  private final long dropped;
  private final long pending;
  private final long pendingBytes;
  private final long connects;

  Stats(Counters counters, long pending, long pendingBytes) {
    sent = counters.sent.get();
    acknowledged = counters.acknowledged.get();
    rejected = counters.rejected.get();
    dropped = counters.dropped.get();
    connects = counters.connects.get();
    this.pending = pending;
    this.pendingBytes = pendingBytes;
  }

  /** Entries handed to the daemon, each counted once however often it was sent. */
  public long sent() {
    return sent;
  }

  /** Entries that are on the daemon's disk. */
  public long acknowledged() {
    return acknowledged;
  }

  /** Entries that the daemon refused. */
  public long rejected() {
    return rejected;
  }

  /** Entries dropped because the spool was full. */
  public long dropped() {
    return dropped;
  }

  /** Entries that were logged and are not answered yet. */
  public long pending() {
    return pending;
  }

  /** Bytes that the spool takes for them, in pieces of 256 KiB. */
  public long pendingBytes() {
    return pendingBytes;
  }

  /** Streams that the daemon welcomed. */
  public long connects() {
    return connects;
  }
}
