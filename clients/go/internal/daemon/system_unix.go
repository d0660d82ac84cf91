//go:build unix

package daemon

import (
	"os"
	"os/exec"
	"syscall"
)

// What systems without it lack are pipes that have names.
const withoutWaiting = syscall.O_NONBLOCK

func ownerOf(info os.FileInfo) (uint32, bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return stat.Uid, true
}

// isTrusted says whether a user is this one, or root.
func isTrusted(owner uint32) bool { return owner == 0 || int(owner) == os.Geteuid() }

func othersWrite(info os.FileInfo) bool { return info.Mode().Perm()&0o022 != 0 }

// inOwnSession: Ctrl-C is meant for the training program, not for the daemon's start.
func inOwnSession(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
}
