//go:build !unix

package daemon

import (
	"os"
	"os/exec"
)

const withoutWaiting = 0

func ownerOf(os.FileInfo) (uint32, bool) { return 0, false }

func isTrusted(uint32) bool { return true }

func othersWrite(os.FileInfo) bool { return false }

func inOwnSession(*exec.Cmd) {}
