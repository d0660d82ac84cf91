//go:build !linux

package daemon

// NetworkFileSystem is not told here.
func NetworkFileSystem(string) string { return "" }
