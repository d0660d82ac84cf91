package daemon

import (
	"os"
	"strconv"
	"strings"
)

// Identity is this process, beyond a reused pid; what the system does not tell is left empty.
type Identity struct {
	BootID       string
	PidNamespace uint64
	Pid          uint32
	StartTicks   uint64
}

// ProcessIdentity is that of the process that runs now.
func ProcessIdentity() Identity {
	return Identity{
		BootID:       strings.TrimSpace(read("/proc/sys/kernel/random/boot_id")),
		PidNamespace: pidNamespace(),
		Pid:          uint32(os.Getpid()),
		StartTicks:   startTicks(),
	}
}

func startTicks() uint64 {
	// The command's name may hold spaces and parentheses; field 3 follows the last one.
	text := read("/proc/self/stat")
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(fields) < 20 {
		return 0
	}
	ticks, _ := strconv.ParseUint(fields[19], 10, 64)
	return ticks
}

func pidNamespace() uint64 {
	name, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return 0
	}
	inode, _ := strconv.ParseUint(strings.TrimSuffix(strings.TrimPrefix(name, "pid:["), "]"), 10, 64)
	return inode
}

func read(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(text)
}
