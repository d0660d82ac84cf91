package io.stepwell;

/**
 * What went wrong, as a stable code, one sentence about this case, and what to do.
 *
 * <p>The codes never change, the sentences may. An error of the daemon carries the daemon's own code and remedy.
 */
public final class StepwellException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The stable code. */
  private final String code;
  /** One sentence about this case. */
  private final String sentence;
  /** What to do about it. */
  private final String remedy;

  StepwellException(String code, String sentence) {
    this(code, sentence, Contract.remedyOf(code));
  }

  StepwellException(String code, String sentence, String remedy) {
    super((code + ": " + sentence + " " + remedy).trim());
    this.code = code;
    this.sentence = sentence;
    this.remedy = remedy;
  }

  /** The stable code, for example {@code STEPWELL_KEY_INVALID}. */
  public String code() {
    return code;
  }

  /** One sentence about this case. It is no part of the interface. */
  public String sentence() {
    return sentence;
  }

  /** What to do about it; empty where there is nothing. */
  public String remedy() {
    return remedy;
  }
}
