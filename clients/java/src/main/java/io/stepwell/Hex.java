package io.stepwell;

/** Bytes as hexadecimal digits, and back. */
final class Hex {
  private Hex() {}

  static String of(byte[] bytes) {
    StringBuilder text = new StringBuilder(2 * bytes.length);
    for (byte each : bytes) {
      text.append(Character.forDigit(each >> 4 & 15, 16)).append(Character.forDigit(each & 15, 16));
    }
    return text.toString();
  }

  static byte[] bytes(String text) {
    byte[] bytes = new byte[text.length() / 2];
    for (int at = 0; at < bytes.length; at++) {
      bytes[at] = (byte) Integer.parseInt(text.substring(2 * at, 2 * at + 2), 16);
    }
    return bytes;
  }
}
