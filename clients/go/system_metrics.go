package stepwell

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/stepwell/stepwell/clients/go/internal/fault"
)

const (
	systemMetricsTag     = "stepwell.system_metrics"
	systemMetricsUsual   = 10 * time.Second
	systemMetricsLeast   = time.Second
	systemMetricsMost    = time.Hour
	systemMetricsNodeMax = 100
)

var notOfNode = regexp.MustCompile(`[^A-Za-z0-9_\-.: ]`)

// systemMetricsAsked answers the tag's value: of what the caller says, or else of MLflow's own variables; empty says
// nothing. Fails with STEPWELL_SETTING_INVALID.
func systemMetricsAsked(every time.Duration) (string, error) {
	if every < 0 {
		return "off", nil
	}
	if every == 0 {
		every = systemMetricsOfVariables()
	}
	if every == 0 {
		return "", nil
	}
	if every < systemMetricsLeast || every > systemMetricsMost {
		return "", fault.New("STEPWELL_SETTING_INVALID", "SystemMetrics is from 1 s to an hour, not %v.", every)
	}
	seconds := strconv.FormatFloat(every.Seconds(), 'f', -1, 64)
	node := notOfNode.ReplaceAllString(os.Getenv("MLFLOW_SYSTEM_METRICS_NODE_ID"), "_")
	if node == "" {
		return seconds, nil
	}
	return seconds + " on " + node[:min(len(node), systemMetricsNodeMax)], nil
}

func systemMetricsOfVariables() time.Duration {
	enabled := strings.ToLower(os.Getenv("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING"))
	if enabled != "true" && enabled != "1" {
		return 0
	}
	// MLflow logs the mean of so many samples; the daemon logs as often as that would.
	interval := numberIn("MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL", systemMetricsUsual.Seconds())
	samples := numberIn("MLFLOW_SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING", 1)
	seconds := min(max(interval*samples, systemMetricsLeast.Seconds()), systemMetricsMost.Seconds())
	return time.Duration(seconds * float64(time.Second))
}

func numberIn(variable string, otherwise float64) float64 {
	number, err := strconv.ParseFloat(os.Getenv(variable), 64)
	if err != nil || !(number > 0) {
		return otherwise
	}
	return number
}
