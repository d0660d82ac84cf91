package io.stepwell;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Files and folders of this user alone. */
final class PrivateFiles {
  private PrivateFiles() {}

  /** A new file, in folders that are made where they are lacking. Throws IOException. */
  static FileChannel create(Path file) throws IOException {
    Path folder = file.getParent();
    Files.createDirectories(folder, attributes(file, "rwx------"));
    if (Files.isSymbolicLink(folder) || !Home.isOwn(folder)) throw new IOException(folder + " is no folder of this user's");
    if (isPosix(file)) Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    Set<StandardOpenOption> options =
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    return FileChannel.open(file, options, attributes(file, "rw-------"));
  }

  private static boolean isPosix(Path file) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  private static FileAttribute<?>[] attributes(Path file, String permissions) {
    if (!isPosix(file)) return new FileAttribute<?>[0];
    return new FileAttribute<?>[] {
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
    };
  }
}
