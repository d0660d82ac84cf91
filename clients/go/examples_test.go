package stepwell_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// example builds one of the samples and runs it in the test's home.
func example(t *testing.T, name string, arguments ...string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), name)
	if said, err := exec.Command("go", "build", "-o", program, "./examples/"+name).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	started := exec.CommandContext(within(t, 2*time.Minute), program, arguments...)
	started.Env = append(os.Environ(), "MLFLOW_PASSWORD=lovelace")
	said, err := started.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", name, err, said)
	}
	return strings.TrimSpace(string(said))
}

func TestTheSamplesDoWhatTheySay(t *testing.T) {
	daemonHome(t)
	runID := example(t, "train")
	watched := example(t, "watch", runID)
	if !strings.Contains(watched, "line is FINISHED: 5002 points at the daemon, 0 of all runs wait\n") || !strings.Contains(watched, "mlflow.db") {
		t.Errorf("watch said %s", watched)
	}
	var shown struct {
		Metrics map[string]float64 `json:"metrics"`
	}
	stepwellCommand(t, &shown, "runs", "show", runID, "-o", "json")
	// Anscombe's line is y = 3 + x / 2.
	if slope, intercept := shown.Metrics["slope"], shown.Metrics["intercept"]; slope < 0.45 || slope > 0.55 || intercept < 2.4 || intercept > 3.1 {
		t.Errorf("the line has the slope %v and the intercept %v", slope, intercept)
	}
	if said := example(t, "register"); said != "runs go to server of the stack server" {
		t.Errorf("register said %s", said)
	}
}
