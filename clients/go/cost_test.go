package stepwell_test

import (
	"testing"
	"time"

	"github.com/stepwell/stepwell/clients/go"
)

// About a tenth of a microsecond. A slow machine may take some.
const callMax = 500 * time.Nanosecond

// Of several turns the quickest counts: others are at work.
func TestALogCallCostsAboutATenthOfAMicrosecond(t *testing.T) {
	fake := startFake(t, scratchHome(t))
	client, _ := newClient(t, fake.home)
	run, err := client.StartRun(stepwell.RunOptions{})
	must(t, err)
	const calls = 2_000
	quickest := time.Hour
	for range 20 {
		began := time.Now()
		for step := range int64(calls) {
			must(t, run.LogMetric("loss", 1, step))
		}
		quickest = min(quickest, time.Since(began)/calls)
		must(t, client.Flush(within(t, patience)))
	}
	t.Logf("a call takes %v", quickest)
	if quickest > callMax {
		t.Errorf("a call takes %v", quickest)
	}
}
