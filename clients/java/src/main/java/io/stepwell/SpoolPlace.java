package io.stepwell;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Where a client's spool is: in the home, or, where that can't be, in memory. */
final class SpoolPlace {
  /** Types of file systems that are not of this machine, as mount has them. */
  private static final String NETWORK =
      "nfs.*|cifs|smb.*|lustre|fuse(?!ctl).*|9p|ceph|gpfs|beegfs|panfs|orangefs|pvfs2|gfs2|ocfs2|afs|coda|ncpfs|vboxsf|prl_fs";

  private SpoolPlace() {}

  /** A new spool; one in memory says so in one line on stderr. */
  static Spool open(Settings settings, byte[] producerId) {
    // The daemon of a given endpoint may have any home.
    if (settings.home == null) return new Spool(settings.bufferBytes);
    String why;
    try {
      check(settings.home);
      Path file = settings.home.resolve("client-spools").resolve(Hex.of(producerId) + ".spool");
      return Spool.inFile(file, producerId, Stepwell.VERSION, settings.bufferBytes);
    } catch (IOException error) {
      why = "the home " + settings.home + " can't hold a spool (" + error + ").";
    } catch (StepwellException error) {
      why = error.sentence();
    }
    Warnings.warn(
        new StepwellException(
            "STEPWELL_SPOOL_UNAVAILABLE",
            "What is logged is in this process's memory alone until the daemon has it: " + why));
    return new Spool(settings.bufferBytes);
  }

  private static void check(Path home) throws IOException {
    Path there = home;
    while (!Files.exists(there) && there.getParent() != null) there = there.getParent();
    String type = Files.getFileStore(there).type().toLowerCase(Locale.ROOT);
    if (type.matches(NETWORK)) throw new IOException("it is on " + type);
    if (there.equals(home)) Home.checkFolder(home);
  }
}
