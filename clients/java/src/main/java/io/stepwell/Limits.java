package io.stepwell;

import java.time.Duration;

/** Bounds of this client's own machinery; what all clients have in common is in {@link Contract}. */
final class Limits {
  /** The largest piece of a series that is one record: it fits into the smallest message that a daemon may take. */
  static final int SERIES_BYTES_MAX = 16_000;

  /** How long an entry waits for company before it is sent, while entries come. */
  static final long LINGER_NANOS = 5_000_000;
  /** The longest such wait, when there are so many keys that looking through them takes time. */
  static final long LINGER_NANOS_MAX = 20_000_000;
  /** Without an entry for so long the sender sleeps until it is woken. */
  static final long IDLE_NANOS = 200_000_000;
  /** How often a sleeping sender looks by itself. */
  static final long IDLE_LOOK_NANOS = 1_000_000_000;
  /** How long a place may be reserved and not filled before it is given up: its thread is gone. */
  static final long UNFILLED_NANOS = 5_000_000_000L;

  /** How long the daemon may take to accept a connection. */
  static final long CONNECT_MILLIS = 5_000;
  /** What is read of what a command says. */
  static final int COMMAND_OUTPUT_BYTES_MAX = 8_192;
  static final int REASON_CHARACTERS_MAX = 600;

  /** How long a single call may take, starts of the daemon included. */
  static final long CALL_MILLIS = 20_000;
  /** First and longest wait before a call is made again; drawn at random from 0 to the bound. */
  static final long CALL_PAUSE_MILLIS_MIN = 50;
  static final long CALL_PAUSE_MILLIS_MAX = 1_000;
  /** How long backends may be waited for, and how much longer the answer may take to arrive. */
  static final long DRAIN_MILLIS_MAX = 86_400_000;

  static final long DRAIN_ANSWER_MILLIS = 5_000;
  /** How long an answer of many pieces may take. */
  static final long LIST_MILLIS = 60_000;

  /** How long a request to the gateway is tried again while nobody answers. */
  static final long GATEWAY_MILLIS = 60_000;
  /** How long one of its answers may take. */
  static final Duration GATEWAY_ANSWER = Duration.ofMinutes(5);

  /** Warnings of refused entries, one for each code and key, that one client prints. */
  static final int REJECTION_WARNINGS_MAX = 20;

  private Limits() {}
}
