// Watches a run until all that it logged is at its tracker: go run ./examples/watch RUN_ID
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/stepwell/stepwell/clients/go"
)

func main() {
	client, err := stepwell.New()
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	defer client.Close(ctx)
	for state, err := range client.WatchState(ctx, time.Second) {
		if err != nil {
			log.Fatal(err)
		}
		run, err := client.RunState(ctx, os.Args[1])
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s is %s: %d points at the daemon, %d of all runs wait\n", run.Name, run.Status, run.JournaledPoints, state.QueuedPoints)
		if run.Status != "RUNNING" && isDelivered(run) {
			fmt.Println(run.Deliveries[0].URL)
			return
		}
	}
}

func isDelivered(run stepwell.RunState) bool {
	for _, delivery := range run.Deliveries {
		if delivery.QueuedPoints > 0 || delivery.DeliveredPoints < run.JournaledPoints {
			return false
		}
	}
	return len(run.Deliveries) > 0
}
