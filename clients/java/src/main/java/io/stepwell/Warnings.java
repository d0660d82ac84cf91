package io.stepwell;

/** Lines on stderr, for people. Nothing that goes wrong here is anybody's trouble. */
final class Warnings {
  private Warnings() {}

  /** Says an error that no caller can be told by an exception. */
  static void warn(StepwellException error) {
    say(error.getMessage());
  }

  static void say(String sentence) {
    System.err.println("stepwell: " + sentence);
  }
}
