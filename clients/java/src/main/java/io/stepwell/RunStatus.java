package io.stepwell;

/** How a run ended, in MLflow's words. */
public enum RunStatus {
  /** It came to its end. */
  FINISHED,
  /** It ended in an error. */
  FAILED,
  /** It was ended from outside. */
  KILLED
}
