package io.stepwell;

/** What is done while a run is open. */
@FunctionalInterface
public interface RunBody<E extends Exception> {
  /** Logs to the run, which is ended behind it. */
  void accept(Run run) throws E;
}
