package io.stepwell;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The daemon's home: which folder it is, and whether somebody else could stand in for its daemon.
 *
 * <p>A client believes what the home's endpoint file says and then sends everything there. So it is believed only where
 * nobody but this user and root could have written it.
 */
final class Home {
  /** Everybody but the owner. */
  private static final int OTHERS_WRITE = 022;

  private static final int STICKY = 01000;
  /** Programs may be told of another folder after they were started. */
  private static final Path START_FOLDER = Path.of("").toAbsolutePath();

  private static final long USER = effectiveUser();

  private Home() {}

  /** The folder of the daemon's home, which need not be there. Throws STEPWELL_HOME_UNUSABLE. */
  static Path of(Map<String, String> environment) {
    String home = environment.getOrDefault("STEPWELL_HOME", "");
    if (!home.isEmpty()) return START_FOLDER.resolve(home).normalize();
    return START_FOLDER.resolve(dataFolder(environment)).resolve("stepwell").normalize();
  }

  private static Path dataFolder(Map<String, String> environment) {
    String data = environment.getOrDefault("XDG_DATA_HOME", "");
    if (!data.isEmpty()) return Path.of(data);
    String user = environment.getOrDefault("HOME", "");
    if (user.isEmpty()) user = System.getProperty("user.home", "");
    // Java has a question mark where the system knows no such user.
    if (user.isEmpty() || user.equals("?")) {
      throw new StepwellException(
          "STEPWELL_HOME_UNUSABLE", "HOME is not set, and the system knows no folder of this user's.");
    }
    return Path.of(user, ".local", "share");
  }

  /** Whether two paths lead to one folder; by their names where one of them is gone. */
  static boolean isSameFolder(Path one, Path other) {
    try {
      return Files.isSameFile(one, other);
    } catch (IOException error) {
      return one.equals(other);
    }
  }

  /** Throws STEPWELL_HOME_OPEN when others could have written the endpoint file; IOException where there is none. */
  static void checkEndpointFile(Path home, Path file) throws IOException {
    long owner = owner(file);
    checkFolder(home);
    if (!isTrusted(owner)) throw open(home, file + " belongs to another user (id " + owner + ")");
    if ((mode(file) & OTHERS_WRITE) != 0) throw open(home, "others may write into " + file);
  }

  /** Throws STEPWELL_HOME_OPEN when others could change what is in it; IOException where there is none. */
  static void checkFolder(Path home) throws IOException {
    long owner = owner(home);
    if (!isTrusted(owner)) throw open(home, home + " belongs to another user (id " + owner + ")");
    int mode = mode(home);
    // In a folder like /tmp nobody takes away what is another's.
    if ((mode & OTHERS_WRITE) != 0 && (mode & STICKY) == 0) throw open(home, "others may write into it");
  }

  /** Throws STEPWELL_ENDPOINT_FOREIGN unless a user is this one, or root. */
  static void checkOwner(String endpoint, long user) {
    if (!isTrusted(user)) {
      throw new StepwellException(
          "STEPWELL_ENDPOINT_FOREIGN",
          "What listens at " + endpoint + " belongs to another user (id " + user + ").");
    }
  }

  /** The owner of a file; -1 where files have none. */
  static long owner(Path path) throws IOException {
    try {
      return ((Integer) Files.getAttribute(path, "unix:uid")) & 0xFFFFFFFFL;
    } catch (UnsupportedOperationException | IllegalArgumentException error) {
      return -1;
    }
  }

  /** Whether a file belongs to this user. Throws IOException. */
  static boolean isOwn(Path path) throws IOException {
    long owner = owner(path);
    return owner == -1 || USER == -1 || owner == USER;
  }

  /** The beginning of a plain file. Throws IOException for one that is missing, or a pipe. */
  static String readPlain(Path file, int bytesMax) throws IOException {
    if (!Files.isRegularFile(file)) throw new IOException(file + " is no plain file");
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(bytesMax), StandardCharsets.UTF_8);
    }
  }

  private static int mode(Path path) throws IOException {
    try {
      return (Integer) Files.getAttribute(path, "unix:mode");
    } catch (UnsupportedOperationException | IllegalArgumentException error) {
      return 0;
    }
  }

  private static boolean isTrusted(long user) {
    return user == 0 || user == -1 || USER == -1 || user == USER;
  }

  private static long effectiveUser() {
    try {
      Path self = Path.of("/proc/self");
      if (Files.exists(self)) return owner(self);
      // Elsewhere what this process makes is this user's.
      Path file = Files.createTempFile("stepwell", "");
      try {
        return owner(file);
      } finally {
        Files.delete(file);
      }
    } catch (IOException error) {
      return -1;
    }
  }

  private static StepwellException open(Path home, String sentence) {
    String remedy =
        "Close it to others (chmod 700 " + ShellWords.quoted(home.toString()) + ") after a look at what they may"
            + " have changed, or set STEPWELL_HOME to a folder of your own.";
    return new StepwellException(
        "STEPWELL_HOME_OPEN", "The home " + home + " is open to others: " + sentence + ".", remedy);
  }
}
