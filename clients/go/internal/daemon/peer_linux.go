package daemon

import (
	"net"
	"syscall"
)

// peerOf is the user that listens at the other end.
func peerOf(socket net.Conn) (uint32, bool) {
	unix, ok := socket.(*net.UnixConn)
	if !ok {
		return 0, false
	}
	raw, err := unix.SyscallConn()
	if err != nil {
		return 0, false
	}
	var credentials *syscall.Ucred
	if raw.Control(func(descriptor uintptr) {
		credentials, err = syscall.GetsockoptUcred(int(descriptor), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}) != nil || err != nil {
		return 0, false
	}
	return credentials.Uid, true
}
