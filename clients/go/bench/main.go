// Command bench measures what a log call costs and how many a process makes durable in a second. It prints a line of JSON.
//
//	go run ./bench [POINTS] [GOROUTINES]
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/stepwell/stepwell/clients/go"
)

func main() {
	points, goroutines := argument(1, 2_000_000), argument(2, 1)
	client, err := stepwell.New()
	must(err)
	run, err := client.StartRun(stepwell.RunOptions{Experiment: "bench"})
	must(err)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	must(run.LogMetric("loss", 0, 0))
	must(client.Flush(ctx))
	begun := time.Now()
	var group sync.WaitGroup
	for each := range goroutines {
		group.Go(func() {
			key := "loss"
			if each > 0 {
				key = fmt.Sprintf("loss/%d", each)
			}
			for step := range points / goroutines {
				must(run.LogMetric(key, float64(step), int64(step)))
			}
		})
	}
	group.Wait()
	logged := time.Since(begun)
	must(client.Flush(ctx))
	durable := time.Since(begun)
	must(run.End(stepwell.Finished))
	must(client.Close(ctx))
	stats := client.Stats()
	line, _ := json.Marshal(map[string]any{
		"points": points, "goroutines": goroutines, "ns_per_call": float64(logged.Nanoseconds()) / float64(points) * float64(goroutines),
		"durable_per_second": float64(points) / durable.Seconds(), "dropped": stats.Dropped, "is_durable": stats.IsDurable,
	})
	fmt.Println(string(line))
}

func argument(index, otherwise int) int {
	if len(os.Args) <= index {
		return otherwise
	}
	number, err := strconv.Atoi(os.Args[index])
	must(err)
	return number
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
