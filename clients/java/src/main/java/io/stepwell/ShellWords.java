package io.stepwell;

import java.util.ArrayList;
import java.util.List;

/** The words of a command line as a shell has them: quotes and backslashes, nothing else. */
final class ShellWords {
  private ShellWords() {}

  /** Throws STEPWELL_SETTING_INVALID for a quote without an end. */
  static List<String> split(String line) {
    List<String> words = new ArrayList<>();
    StringBuilder word = null;
    char quote = 0;
    for (int at = 0; at < line.length(); at++) {
      char each = line.charAt(at);
      if (quote == 0 && Character.isWhitespace(each)) {
        if (word != null) words.add(word.toString());
        word = null;
        continue;
      }
      if (word == null) word = new StringBuilder();
      if (each == '\\' && quote != '\'' && at + 1 < line.length()) {
        char next = line.charAt(++at);
        if (quote == '"' && next != '"' && next != '\\' && next != '$' && next != '`') word.append(each);
        word.append(next);
      } else if (quote == 0 && (each == '\'' || each == '"')) {
        quote = each;
      } else if (each == quote) {
        quote = 0;
      } else {
        word.append(each);
      }
    }
    if (quote != 0) {
      throw new StepwellException(
          "STEPWELL_SETTING_INVALID", "STEPWELL_COMMAND has a quote without an end: " + line + ".");
    }
    if (word != null) words.add(word.toString());
    return words;
  }

  static String quoted(String word) {
    return word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\"'\"'") + "'";
  }
}
