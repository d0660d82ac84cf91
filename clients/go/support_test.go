package stepwell_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stepwell/stepwell/clients/go"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// expectCode fails unless the error has the code.
func expectCode(t *testing.T, err error, code string) {
	t.Helper()
	var known *stepwell.Error
	if !errors.As(err, &known) || known.Code != code {
		t.Fatalf("expected %s, and not %v", code, err)
	}
	if known.Sentence == "" || known.Remedy == "" {
		t.Fatalf("%s has no sentence or no remedy: %q", code, known.Error())
	}
}

func within(t *testing.T, limit time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	t.Cleanup(cancel)
	return ctx
}

// scratchHome is an empty home, closed to others.
func scratchHome(t *testing.T) string {
	t.Helper()
	// A socket's path has to be short.
	home, err := os.MkdirTemp("", "stepwell-go-")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(home) })
	for _, name := range []string{"STEPWELL_ENDPOINT", "STEPWELL_RUN_ID", "STEPWELL_BUFFER_BYTES", "STEPWELL_COMMAND"} {
		t.Setenv(name, "")
	}
	t.Setenv("STEPWELL_HOME", home)
	return home
}

func writeEndpoint(t *testing.T, folder, endpoint, home, homeID string) {
	t.Helper()
	content, err := json.Marshal(map[string]any{
		"format": 1, "pid": 1<<22 + 1, "endpoint": endpoint, "version": "0", "home": home, "home_id": homeID, "started_ms": 0,
	})
	must(t, err)
	must(t, os.WriteFile(filepath.Join(folder, "endpoint.json"), content, 0o600))
}

func eventually(t *testing.T, what string, isSo func() bool) {
	t.Helper()
	for begun := time.Now(); !isSo(); time.Sleep(2 * time.Millisecond) {
		if time.Since(begun) > patience {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// ours are the goroutines that run code of this module, but for this test's own.
func ours() (found []string) {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		isOurs := strings.Contains(stack, "clients/go/internal/") || strings.Contains(stack, "grpc.(*ClientConn)") ||
			strings.Contains(stack, "transport.(*http2Client)") || strings.Contains(stack, "transport.newHTTP2Client")
		if isOurs && !strings.Contains(stack, "testing.tRunner") {
			found = append(found, stack)
		}
	}
	return found
}

// spools are the files of the home's spools.
func spools(t *testing.T, home string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(home, "client-spools", "*.spool"))
	must(t, err)
	return found
}
