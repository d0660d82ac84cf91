package stepwell

import (
	"testing"
	"time"
)

func TestSystemMetricsAreAskedForByAnIntervalOrByMLflowsOwnVariables(t *testing.T) {
	expect := func(every time.Duration, tag string) {
		t.Helper()
		if got, err := systemMetricsAsked(every); err != nil || got != tag {
			t.Errorf("%v asks for %q (%v), not %q", every, got, err, tag)
		}
	}
	expect(0, "")
	expect(-1, "off")
	expect(2500*time.Millisecond, "2.5")
	t.Setenv("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING", "true")
	expect(0, "10")
	expect(-1, "off")
	t.Setenv("MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL", "2")
	t.Setenv("MLFLOW_SYSTEM_METRICS_NODE_ID", "node/0")
	expect(0, "2 on node_0")
	for _, wrong := range []time.Duration{time.Millisecond, time.Hour + 1} {
		if _, err := systemMetricsAsked(wrong); err == nil {
			t.Errorf("%v was taken", wrong)
		}
	}
}
