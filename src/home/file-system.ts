/**
 * Which file systems a home may not be on.
 *
 * The home holds LevelDB stores and a Unix socket. Over a network their locks may be
 * granted twice and an fsync may answer before the bytes are safe, so that neither
 * "one daemon per home" nor "acknowledged means on disk" could be promised.
 *
 * Linux tells the kind by statfs's magic number. Elsewhere the number says nothing
 * portable, and the home is taken as it is.
 */
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { StepwellError } from "../errors/stepwell-error.js";
import { isCode } from "../errors/system-code.js";

/** Magic numbers of linux/magic.h and of the file systems that live outside the kernel's tree. */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xfe534d42, "SMB"],
  [0xff534d42, "SMB (CIFS)"],
  [0x0bd00bd0, "Lustre"],
  [0x65735546, "FUSE"],
  [0x01021997, "9p"],
  [0x00c36400, "Ceph"],
  [0x47504653, "GPFS"],
  [0x19830326, "BeeGFS"],
  [0xaad7aaea, "PanFS"],
  [0x20030528, "OrangeFS"],
  [0x01161970, "GFS2"],
  [0x7461636f, "OCFS2"],
  [0x5346414f, "AFS"],
  [0x6b414653, "AFS"],
  [0x73757245, "Coda"],
  [0x564c, "NCP"],
  [0x786f4256, "a VirtualBox shared folder"],
  [0x7c7c6673, "a Parallels shared folder"],
]);

/** The name of the network file system with this statfs magic number; undefined for a local one. */
export function networkFileSystemName(magic: number): string | undefined {
  // Some architectures give the 32 bits as a signed number.
  return NETWORK_FILE_SYSTEMS.get(magic >>> 0);
}

/**
 * Throws STEPWELL_HOME_ON_NETWORK when the path, or the folder in which it would be
 * made, is on a network file system; with allow it never does.
 */
export async function refuseNetworkFileSystem(path: string, allow: boolean): Promise<void> {
  if (allow || process.platform !== "linux") return;
  refuseNetworkMagic(path, await magicOf(path));
}

/** The rule of refuseNetworkFileSystem for a magic number that is known. */
export function refuseNetworkMagic(path: string, magic: number): void {
  const name = networkFileSystemName(magic);
  if (name === undefined) return;
  throw new StepwellError(
    "STEPWELL_HOME_ON_NETWORK",
    `The home ${path} is on ${name}, where locks and fsync don't hold what Stepwell promises.`,
  );
}

/** The magic number of the file system that holds the path or its nearest folder that exists. */
async function magicOf(path: string): Promise<number> {
  try {
    return (await statfs(path)).type;
  } catch (error) {
    const parent = dirname(path);
    if (isCode(error, "ENOENT") && parent !== path) return magicOf(parent);
    throw new StepwellError("STEPWELL_HOME_UNUSABLE", `The home ${path} can't be read: ${String(error)}.`, {
      cause: error,
    });
  }
}
