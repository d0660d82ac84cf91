//go:build unix

package spool

import (
	"encoding/binary"
	"errors"
	"os"
	"syscall"
)

// The file's numbers are little-endian, and rows are stored as this machine has them.
var isMappable = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

var errNoMapping = errors.New("this machine is big-endian")

func mapFile(file *os.File, offset int64, length int) ([]byte, error) {
	return syscall.Mmap(int(file.Fd()), offset, length, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
}

// allocate is memory that is taken as it is touched.
func allocate(length int) []byte {
	memory, err := syscall.Mmap(-1, 0, length, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return make([]byte, length)
	}
	return memory
}

func unmap(memory []byte) {
	if len(memory) > 0 {
		// What is of Go's own heap is refused, and goes by itself.
		_ = syscall.Munmap(memory)
	}
}
