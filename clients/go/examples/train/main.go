// Fits a line to Anscombe's first data set, and logs how well it fits, step by step.
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/stepwell/stepwell/clients/go"
)

var (
	xs = []float64{10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5}
	ys = []float64{8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68}
)

func main() {
	client, err := stepwell.New()
	if err != nil {
		log.Fatal(err)
	}
	run, err := client.StartRun(stepwell.RunOptions{Experiment: "anscombe", Name: "line"})
	if err != nil {
		log.Fatal(err)
	}
	// How the run ends is how the training does.
	trained := train(run)
	if err := run.End(stepwell.StatusOf(trained)); err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	// Close sends what is left. What it can't send in time is in the home, for the daemon.
	if err := client.Close(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println(run.ID())
}

func train(run *stepwell.Run) error {
	const rate = 0.01
	if err := run.LogParam("rate", rate); err != nil {
		return err
	}
	slope, intercept := 0.0, 0.0
	for step := range int64(5_000) {
		var bySlope, byIntercept, loss float64
		for index, x := range xs {
			miss := slope*x + intercept - ys[index]
			loss += miss * miss / float64(len(xs))
			bySlope += 2 * miss * x / float64(len(xs))
			byIntercept += 2 * miss / float64(len(xs))
		}
		slope, intercept = slope-rate*bySlope/10, intercept-rate*byIntercept
		// It waits for nothing: neither a disk nor a network.
		if err := run.LogMetric("loss", loss, step); err != nil {
			return err
		}
	}
	return run.LogMetrics(map[string]float64{"slope": slope, "intercept": intercept}, 5_000)
}
