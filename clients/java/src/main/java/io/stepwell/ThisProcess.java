package io.stepwell;

import io.stepwell.v1.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Who this process is, as the daemon identifies it beyond a reused pid. */
final class ThisProcess {
  private ThisProcess() {}

  /** What the system does not tell is left empty. */
  static ProcessIdentity identity() {
    return ProcessIdentity.newBuilder()
        .setBootId(read("/proc/sys/kernel/random/boot_id").trim())
        .setPidNamespace(pidNamespace())
        .setPid((int) ProcessHandle.current().pid())
        .setStartTicks(startTicks())
        .build();
  }

  /** The user as MLflow shows it, or an empty text. */
  static String user() {
    String name = System.getProperty("user.name", "");
    return name.equals("?") ? "" : name;
  }

  /** The program as MLflow shows it: its main class or its jar. */
  static String program() {
    String command = System.getProperty("sun.java.command", "").trim();
    return command.isEmpty() ? "java" : command.split("\\s", 2)[0];
  }

  private static long startTicks() {
    String stat = read("/proc/self/stat");
    // The command's name may hold spaces and parentheses; field 3 follows the last one.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 1).trim().split("\\s+");
    return fields.length > 19 ? Long.parseLong(fields[19]) : 0;
  }

  private static long pidNamespace() {
    try {
      return ((Number) Files.getAttribute(Path.of("/proc/self/ns/pid"), "unix:ino")).longValue();
    } catch (IOException | RuntimeException error) {
      return 0;
    }
  }

  private static String read(String path) {
    try {
      return Files.readString(Path.of(path));
    } catch (IOException | RuntimeException error) {
      return "";
    }
  }
}
