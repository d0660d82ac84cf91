//go:build !unix

package spool

import (
	"errors"
	"os"
)

const isMappable = false

var errNoMapping = errors.New("files are not mapped on this system")

func mapFile(*os.File, int64, int) ([]byte, error) { return nil, errNoMapping }

func allocate(length int) []byte { return make([]byte, length) }

func unmap([]byte) {}
