package io.stepwell;

import java.util.regex.Pattern;

/** What the daemon checks of entries, checked at the call, so that the caller learns of it there. */
final class Checks {
  private static final Pattern KEY = Pattern.compile("[/\\p{L}\\p{N}_.\\- :]+");
  private static final Pattern NOT_NORMALIZED = Pattern.compile("(^|/)\\.{0,2}(/|\\z)");
  private static final Pattern RUN_ID = Pattern.compile("[0-9a-f]{32}");
  private static final Pattern MODEL_ID =
      Pattern.compile("[A-Za-z0-9_.-]{1," + Contract.MODEL_ID_CHARACTERS_MAX + "}");

  private Checks() {}

  /** Throws STEPWELL_KEY_INVALID or STEPWELL_TEXT_MALFORMED when MLflow would not take the key. */
  static void key(String key) {
    if (key == null || key.isEmpty()) throw invalidKey("The key is empty.");
    wellFormed("The key", key);
    int length = key.codePointCount(0, key.length());
    if (length > Contract.KEY_CODE_POINTS_MAX) {
      throw invalidKey(
          "The key has " + length + " characters; " + Contract.KEY_CODE_POINTS_MAX + " are allowed.");
    }
    if (!KEY.matcher(key).matches()) {
      throw invalidKey("The key \"" + key + "\" holds a character that MLflow refuses.");
    }
    if (key.startsWith("/") || key.startsWith("..") || NOT_NORMALIZED.matcher(key).find()) {
      throw invalidKey("The key \"" + key + "\" is no plain relative path.");
    }
  }

  /** Throws STEPWELL_TIMESTAMP_INVALID for a negative number of milliseconds. */
  static void timestamp(long timestampMs) {
    if (timestampMs < 0) {
      throw new StepwellException(
          "STEPWELL_TIMESTAMP_INVALID", "The timestamp " + timestampMs + " is negative.");
    }
  }

  /** The value of a param or tag as text. Throws STEPWELL_VALUE_INVALID, _TOO_LONG or STEPWELL_TEXT_MALFORMED. */
  static String text(String what, Object value, int codePointsMax) {
    if (value == null) {
      throw new StepwellException("STEPWELL_VALUE_INVALID", what + " is null.", "Give it as text.");
    }
    String text = String.valueOf(value);
    wellFormed(what, text);
    // Code points never outnumber UTF-16 units.
    if (text.length() > codePointsMax) {
      int length = text.codePointCount(0, text.length());
      if (length > codePointsMax) {
        throw new StepwellException(
            "STEPWELL_VALUE_TOO_LONG",
            what + " has " + length + " characters; " + codePointsMax + " are allowed.");
      }
    }
    return text;
  }

  /** The experiment's name, empty for null. Throws STEPWELL_EXPERIMENT_INVALID. */
  static String experiment(String name) {
    if (name == null) return "";
    int length = name.codePointCount(0, name.length());
    if (length == 0 || length > Contract.EXPERIMENT_NAME_CODE_POINTS_MAX) {
      throw new StepwellException(
          "STEPWELL_EXPERIMENT_INVALID", "The experiment's name has " + length + " characters.");
    }
    wellFormed("The experiment's name", name);
    return name;
  }

  /** Throws STEPWELL_RUN_ID_INVALID unless the id is 32 lower-case hexadecimal digits. */
  static String runId(String runId) {
    if (runId == null || !RUN_ID.matcher(runId).matches()) {
      throw new StepwellException(
          "STEPWELL_RUN_ID_INVALID", "\"" + shown(runId) + "\" is no run id.");
    }
    return runId;
  }

  /** The id of a logged model, empty for null. Throws STEPWELL_MODEL_ID_INVALID. */
  static String modelId(String modelId) {
    if (modelId == null) return "";
    if (!MODEL_ID.matcher(modelId).matches()) {
      throw new StepwellException(
          "STEPWELL_MODEL_ID_INVALID", "\"" + shown(modelId) + "\" is no id of a logged model.");
    }
    return modelId;
  }

  /** A text that goes into a sentence, cut. */
  static String shown(String text) {
    return text == null || text.length() <= 80 ? text : text.substring(0, 80);
  }

  private static void wellFormed(String what, String text) {
    for (int at = 0; at < text.length(); at++) {
      char unit = text.charAt(at);
      if (!Character.isSurrogate(unit)) continue;
      boolean isPair =
          Character.isHighSurrogate(unit)
              && at + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(at + 1));
      if (!isPair) {
        throw new StepwellException("STEPWELL_TEXT_MALFORMED", what + " holds a lone surrogate.");
      }
      at++;
    }
  }

  private static StepwellException invalidKey(String sentence) {
    return new StepwellException("STEPWELL_KEY_INVALID", sentence);
  }
}
