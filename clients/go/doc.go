// Package stepwell logs metrics, params and tags to the local Stepwell daemon, which has them on disk within
// milliseconds and delivers them to MLflow.
//
// No log call waits for a network or a disk. Each writes to a file in the home that is mapped into memory: once it
// returned, the death of this process loses nothing, whatever the daemon does. Flush waits until the daemon has it on
// its own disk.
//
// Calls that may wait take a context; those that never do take none.
package stepwell
