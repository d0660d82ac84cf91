package daemon

import "syscall"

// Where two machines write to one file, a mapping is not the same for both: the kinds of src/home/file-system.ts.
var networkFileSystems = map[uint32]string{
	0x6969: "NFS", 0x517b: "SMB", 0xfe534d42: "SMB", 0xff534d42: "SMB", 0x0bd00bd0: "Lustre", 0x65735546: "FUSE",
	0x01021997: "9p", 0x00c36400: "Ceph", 0x47504653: "GPFS", 0x19830326: "BeeGFS", 0xaad7aaea: "PanFS",
	0x20030528: "OrangeFS", 0x01161970: "GFS2", 0x7461636f: "OCFS2", 0x5346414f: "AFS", 0x6b414653: "AFS",
	0x73757245: "Coda", 0x564c: "NCP", 0x786f4256: "a VirtualBox shared folder", 0x7c7c6673: "a Parallels shared folder",
}

// NetworkFileSystem is the name of the one that a folder is on, or an empty text.
func NetworkFileSystem(folder string) string {
	var found syscall.Statfs_t
	if syscall.Statfs(folder, &found) != nil {
		return ""
	}
	return networkFileSystems[uint32(found.Type)]
}
