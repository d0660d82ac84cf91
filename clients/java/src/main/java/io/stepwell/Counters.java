package io.stepwell;

import java.util.concurrent.atomic.AtomicLong;

/** The counters behind {@link Stats}. */
final class Counters {
  final AtomicLong sent = new AtomicLong();
  final AtomicLong acknowledged = new AtomicLong();
  final AtomicLong rejected = new AtomicLong();
  final AtomicLong dropped = new AtomicLong();
  final AtomicLong connects = new AtomicLong();
}
