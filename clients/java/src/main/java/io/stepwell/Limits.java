package io.stepwell;

import java.time.Duration;

/** Every bound of the client. Lengths of text are code points, as in MLflow. */
final class Limits {
  static final int KEY_CODE_POINTS_MAX = 250;
  static final int MODEL_ID_CHARACTERS_MAX = 36;
  static final int PARAM_VALUE_CODE_POINTS_MAX = 6_000;
  static final int TAG_VALUE_CODE_POINTS_MAX = 8_000;
  static final int EXPERIMENT_NAME_CODE_POINTS_MAX = 500;

  /** What the spool may take for entries that are not acknowledged, unless STEPWELL_BUFFER_BYTES says otherwise. */
  static final long BUFFER_BYTES_MAX = 256L * 1024 * 1024;
  /** The largest batch that the client makes; the daemon's message limit wins where it is lower. */
  static final int BATCH_BYTES_MAX = 512 * 1024;
  /** The largest piece of a series that is one record. */
  static final int SERIES_BYTES_MAX = 60_000;

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

  /** First and longest wait before a reconnect; the wait is drawn at random from 0 to the bound. */
  static final long RECONNECT_MILLIS_MIN = 50;
  static final long RECONNECT_MILLIS_MAX = 2_000;
  /** How long the daemon may take to accept a connection, and to answer. */
  static final long CONNECT_MILLIS = 5_000;
  static final long WELCOME_MILLIS = 10_000;
  /** How long the daemon may take to end the stream after Close. */
  static final long CLOSE_MILLIS = 2_000;
  /** How long {@code stepwell daemon start} may take. */
  static final long DAEMON_START_MILLIS = 30_000;
  /** First and longest pause between two tries to start a daemon. */
  static final long DAEMON_START_PAUSE_MILLIS_MIN = 1_000;
  static final long DAEMON_START_PAUSE_MILLIS_MAX = 30_000;
  /** How long the daemon may be out of reach before the client says so. */
  static final long UNREACHABLE_WARNING_MILLIS = 10_000;
  /** The same where starting one fails: the first failure may be another's start that was killed. */
  static final long START_FAILURE_WARNING_MILLIS = 1_000;
  /** What is read of the home's files, and of what a command says. */
  static final int ENDPOINT_FILE_BYTES_MAX = 65_536;
  static final int HOME_ID_FILE_BYTES_MAX = 1_024;
  static final int COMMAND_OUTPUT_BYTES_MAX = 8_192;
  static final int REASON_CHARACTERS_MAX = 600;

  /** How long a single call may take, starts of the daemon included. */
  static final long CALL_MILLIS = 20_000;
  /** First and longest wait before a call is made again; drawn at random from 0 to the bound. */
  static final long CALL_PAUSE_MILLIS_MIN = 50;
  static final long CALL_PAUSE_MILLIS_MAX = 1_000;
  /** How long an answer of many pieces may take. */
  static final long LIST_MILLIS = 60_000;

  /** How long flush() waits unless the caller says otherwise. */
  static final Duration FLUSH = Duration.ofSeconds(60);
  /** How long the end waits for the next acknowledgement; STEPWELL_EXIT_TIMEOUT says otherwise, in seconds. */
  static final Duration EXIT = Duration.ofSeconds(10);

  /** How long a request to the gateway is tried again while nobody answers. */
  static final long GATEWAY_MILLIS = 60_000;
  /** How long one of its answers may take. */
  static final Duration GATEWAY_ANSWER = Duration.ofMinutes(5);

  /** Warnings of refused entries, one for each code and key, that one client prints. */
  static final int REJECTION_WARNINGS_MAX = 20;
  /** Runs that are told of on stderr, and how much of a run's name is. */
  static final int RUNS_TOLD = 5;
  static final int NAME_CHARACTERS_TOLD = 80;

  private Limits() {}
}
