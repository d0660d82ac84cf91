import { statfs } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import {
  networkFileSystemName,
  refuseNetworkFileSystem,
  refuseNetworkMagic,
} from "../../src/home/file-system.js";

test("network file systems are known by their magic numbers, signed or not", (t) => {
  t.is(networkFileSystemName(0x6969), "NFS");
  t.is(networkFileSystemName(0xff534d42), "SMB (CIFS)");
  t.is(networkFileSystemName(0xff534d42 | 0), "SMB (CIFS)");
  t.is(networkFileSystemName(0x0bd00bd0), "Lustre");
  t.is(networkFileSystemName(0x65735546), "FUSE");
});

test("local file systems have no name there", (t) => {
  const local = {
    ext4: 0xef53,
    xfs: 0x58465342,
    btrfs: 0x9123683e,
    tmpfs: 0x01021994,
    overlay: 0x794c7630,
    zfs: 0x2fc12fc1,
  };
  for (const [name, magic] of Object.entries(local)) t.is(networkFileSystemName(magic), undefined, name);
});

test("a home on a network file system is refused with the file system's name and the way out", (t) => {
  const error = t.throws(() => refuseNetworkMagic("/mnt/home", 0x6969));
  t.like(error, { code: "STEPWELL_HOME_ON_NETWORK" });
  t.regex(error.message, /\/mnt\/home is on NFS/);
});

test("the check looks at the folder in which the home would be made", async (t) => {
  const missing = join(process.cwd(), "no", "such", "home");
  const magic = (await statfs(process.cwd())).type;
  const check = refuseNetworkFileSystem(missing, false);
  if (networkFileSystemName(magic) === undefined) await t.notThrowsAsync(check);
  else await t.throwsAsync(check, { message: new RegExp(missing) });
  await t.notThrowsAsync(refuseNetworkFileSystem(missing, true));
});
