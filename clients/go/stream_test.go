package stepwell_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stepwell/stepwell/clients/go"
	pb "github.com/stepwell/stepwell/clients/go/internal/stepwellv1"
	"google.golang.org/grpc/codes"
)

type row struct {
	step, timestampMs int64
	value             uint64
}

// pointsOf are all points of the batches, by key, in the order of the sequences.
func pointsOf(batches map[uint64]*pb.Batch) map[string][]row {
	points := map[string][]row{}
	for _, sequence := range slices.Sorted(maps.Keys(batches)) {
		for _, column := range batches[sequence].GetMetrics() {
			for index, value := range column.GetValues() {
				points[column.GetKey()] = append(points[column.GetKey()],
					row{column.GetSteps()[index], column.GetTimestampsMs()[index], math.Float64bits(value)})
			}
		}
	}
	return points
}

func TestEveryKindOfEntryArrivesAsItWasGiven(t *testing.T) {
	fake := startFake(t, scratchHome(t))
	client, said := newClient(t, fake.home)
	run, err := client.StartRun(stepwell.RunOptions{Name: "whole", Experiment: "round trip", Trackers: []string{"a", "b"}, Tags: map[string]any{"note": "köln"}})
	must(t, err)
	must(t, run.LogParams(map[string]any{"lr": 0.1, "layers": []int{1, 2}}))
	must(t, run.LogMetric("loss", 0.5, 3, stepwell.AtMs(1_700_000_000_000)))
	must(t, run.LogMetrics(map[string]float64{"nan": math.NaN(), "inf": math.Inf(1), "minus": math.Inf(-1)}, -7))
	must(t, run.LogMetric("edge", math.Copysign(0, -1), math.MaxInt64, stepwell.AtMs(0)))
	must(t, run.LogMetric("edge", math.SmallestNonzeroFloat64, math.MinInt64, stepwell.AtMs(math.MaxInt64)))
	must(t, run.LogMetric("auc", 0.75, 2, stepwell.OfModel("m-1")))
	steps, values := make([]int64, 30_000), make([]float64, 30_000)
	for index := range steps {
		steps[index], values[index] = int64(index), float64(index)/3
	}
	must(t, run.LogSeries("curve", stepwell.Series{Steps: steps, Values: values}))
	must(t, run.LogSeries("few", stepwell.Series{Steps: []int64{1}, Values: []float64{2}, TimestampsMs: []int64{3}, ModelID: "m-2"}))
	must(t, run.SetTag("note", "bonn"))
	must(t, run.End(stepwell.Finished))
	must(t, client.Flush(within(t, patience)))

	batches := fake.acknowledged()
	first, last := batches[1], batches[uint64(len(batches))]
	start := first.GetRunStart()
	if start.GetRunName() != "whole" || start.GetExperimentName() != "round trip" || !slices.Equal(start.GetTrackers(), []string{"a", "b"}) {
		t.Errorf("the start is %v", start)
	}
	if last.GetRunEnd().GetStatus() != pb.RunStatus_RUN_STATUS_FINISHED || last.GetRunEnd().GetEndTimeMs() == 0 {
		t.Errorf("the last batch ends with %v", last.GetRunEnd())
	}
	points := pointsOf(batches)
	if found := points["loss"]; !slices.Equal(found, []row{{3, 1_700_000_000_000, math.Float64bits(0.5)}}) {
		t.Errorf("loss is %v", found)
	}
	wanted := []row{{math.MaxInt64, 0, math.Float64bits(math.Copysign(0, -1))}, {math.MinInt64, math.MaxInt64, 1}}
	if found := points["edge"]; !slices.Equal(found, wanted) {
		t.Errorf("edge is %v", found)
	}
	for key, value := range map[string]float64{"nan": math.NaN(), "inf": math.Inf(1), "minus": math.Inf(-1)} {
		if found := points[key]; len(found) != 1 || found[0].step != -7 || found[0].value != math.Float64bits(value) {
			t.Errorf("%s is %v", key, found)
		}
	}
	if found := points["curve"]; len(found) != 30_000 || found[29_999] != (row{29_999, found[0].timestampMs, math.Float64bits(29_999.0 / 3)}) {
		t.Errorf("the curve has %d points", len(found))
	}
	var params, tags, models []string
	for _, sequence := range slices.Sorted(maps.Keys(batches)) {
		for _, each := range batches[sequence].GetParams() {
			params = append(params, each.GetKey()+"="+each.GetValue())
		}
		for _, each := range batches[sequence].GetTags() {
			tags = append(tags, each.GetKey()+"="+each.GetValue())
		}
		for _, each := range batches[sequence].GetMetrics() {
			if each.GetModelId() != "" {
				models = append(models, each.GetKey()+"="+each.GetModelId())
			}
		}
	}
	slices.Sort(params)
	slices.Sort(models)
	if !slices.Equal(params, []string{"layers=[1 2]", "lr=0.1"}) || !slices.Equal(tags, []string{"note=köln", "note=bonn"}) ||
		!slices.Equal(models, []string{"auc=m-1", "few=m-2"}) {
		t.Errorf("params %v, tags %v, models %v", params, tags, models)
	}
	stats := client.Stats()
	if stats.Acknowledged != 2+1+3+2+1+30_000+1+2 || stats.Rejected+stats.Dropped != 0 || stats.Pending != 0 || !stats.IsDurable {
		t.Errorf("the counters are %+v", stats)
	}
	must(t, client.Close(within(t, patience)))
	if len(said.codes()) != 0 || fake.closes != 1 || len(spools(t, fake.home)) != 0 {
		t.Errorf("warnings %v, %d closes, spools %v", said.codes(), fake.closes, spools(t, fake.home))
	}
}

func TestManyGoroutinesLogToManyKeysAndNothingIsLostOrDoubled(t *testing.T) {
	fake := startFake(t, scratchHome(t))
	client, _ := newClient(t, fake.home)
	const goroutines, each = 8, 20_000
	run, err := client.StartRun(stepwell.RunOptions{})
	must(t, err)
	var group sync.WaitGroup
	for number := range goroutines {
		group.Go(func() {
			for step := range each {
				// All share one key, and each has some of its own.
				key := "shared"
				if step%2 == 1 {
					key = fmt.Sprintf("own/%d/%d", number, step%20)
				}
				if err := run.LogMetric(key, float64(number), int64(step)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	must(t, run.End(stepwell.Finished))
	must(t, client.Flush(within(t, patience)))
	counts := map[row]int{}
	for _, points := range pointsOf(fake.acknowledged()) {
		for _, point := range points {
			point.timestampMs = 0
			counts[point]++
		}
	}
	if len(counts) != goroutines*each {
		t.Fatalf("%d different points", len(counts))
	}
	for point, count := range counts {
		if count != 1 {
			t.Fatalf("%v came %d times", point, count)
		}
	}
}

func TestABrokenStreamIsFollowedByOneOfAHigherEpochAndNothingIsLost(t *testing.T) {
	fake := startFake(t, scratchHome(t))
	fake.onBatch = func(number int, _ *pb.Batch) reply {
		switch number {
		case 1:
			return reply{ends: coded(codes.Unavailable, "gone")}
		case 3:
			// It is on disk, and its acknowledgement is lost.
			return reply{afterwards: coded(codes.Unavailable, "gone")}
		}
		return reply{}
	}
	client, _ := newClient(t, fake.home)
	run, err := client.StartRun(stepwell.RunOptions{})
	must(t, err)
	for step := range 20 {
		must(t, run.LogMetric("loss", 1, int64(step)))
		must(t, client.Flush(within(t, patience)))
	}
	var epochs []uint64
	for _, hello := range fake.hellos {
		epochs = append(epochs, hello.GetEpoch())
	}
	if !slices.Equal(epochs, []uint64{1, 2, 3}) {
		t.Errorf("the epochs are %v", epochs)
	}
	points := pointsOf(fake.acknowledged())["loss"]
	for step, point := range points {
		if point.step != int64(step) {
			t.Fatalf("the points are %v", points)
		}
	}
	if len(points) != 20 || client.Stats().Acknowledged != 20 {
		t.Errorf("%d points, %+v", len(points), client.Stats())
	}
}

func TestARewindIsFollowed(t *testing.T) {
	fake := startFake(t, scratchHome(t))
	isRewound := false
	fake.onBatch = func(_ int, batch *pb.Batch) reply {
		if batch.GetSequence() >= 2 && !isRewound {
			isRewound = true
			return reply{rewinds: 2}
		}
		return reply{}
	}
	client, _ := newClient(t, fake.home)
	run, err := client.StartRun(stepwell.RunOptions{})
	must(t, err)
	must(t, client.Flush(within(t, patience)))
	must(t, run.LogMetric("loss", 1, 1))
	must(t, client.Flush(within(t, patience)))
	if len(pointsOf(fake.acknowledged())["loss"]) != 1 || !isRewound || len(fake.hellos) != 1 {
		t.Errorf("%d batches on %d streams", len(fake.batches), len(fake.hellos))
	}
}

func TestARefusedEntryIsCountedAndToldOnce(t *testing.T) {
	fake := startFake(t, scratchHome(t))
	fake.onBatch = func(_ int, batch *pb.Batch) reply {
		var rejects []*pb.Rejection
		for index, param := range batch.GetParams() {
			if param.GetKey() == "bad" {
				rejects = append(rejects, &pb.Rejection{Sequence: batch.GetSequence(), Kind: pb.EntryKind_ENTRY_KIND_PARAM, Index: uint32(index),
					Entries: 1, Code: "STEPWELL_PARAM_CHANGED", Message: "It was another.", Remedy: "Leave it."})
			}
		}
		return reply{rejects: rejects}
	}
	client, said := newClient(t, fake.home)
	run, err := client.StartRun(stepwell.RunOptions{})
	must(t, err)
	must(t, run.LogParam("bad", 1))
	must(t, run.LogParam("good", 1))
	another, err := client.StartRun(stepwell.RunOptions{})
	must(t, err)
	must(t, another.LogParam("bad", 2))
	must(t, client.Flush(within(t, patience)))
	stats := client.Stats()
	if stats.Rejected != 2 || stats.Acknowledged != 1 || len(said.list) != 1 || said.list[0].Sentence != "'bad' was refused: It was another." {
		t.Errorf("%+v, said %v", stats, said.list)
	}
}

func TestTheWindowIsKept(t *testing.T) {
	fake := startFake(t, scratchHome(t))
	fake.window = 10_000
	held := make(chan struct{})
	var once sync.Once
	fake.onBatch = func(int, *pb.Batch) reply {
		once.Do(func() { <-held })
		return reply{}
	}
	client, _ := newClient(t, fake.home)
	run, err := client.StartRun(stepwell.RunOptions{})
	must(t, err)
	for step := range 10_000 {
		must(t, run.LogMetric("loss", 1, int64(step)))
	}
	close(held)
	must(t, client.Flush(within(t, patience)))
	if points := pointsOf(fake.acknowledged())["loss"]; len(points) != 10_000 {
		t.Errorf("%d points", len(points))
	}
	for _, batch := range fake.batches {
		size := 0
		for _, column := range batch.GetMetrics() {
			size += 24 * len(column.GetValues())
		}
		if size > 10_000 {
			t.Fatalf("a batch of %d bytes in a window of 10,000", size)
		}
	}
}

func TestAnotherHomeGetsTheStartsOfRunsThatGoOn(t *testing.T) {
	fake := startFake(t, scratchHome(t))
	stop := func() {}
	client, said := newClient(t, fake.home)
	run, err := client.StartRun(stepwell.RunOptions{Name: "again"})
	must(t, err)
	ended, err := client.StartRun(stepwell.RunOptions{Name: "over"})
	must(t, err)
	must(t, ended.End(stepwell.Finished))
	must(t, run.LogMetric("loss", 1, 1))
	must(t, client.Flush(within(t, patience)))
	other := &fakeDaemon{home: fake.home, socket: fake.socket + "2", homeID: "ffffffffffffffffffffffffffffffff", window: 8 << 20, largest: 4 << 20}
	other.changed = sync.NewCond(&other.mu)
	stop = other.serve(t)
	defer stop()
	fake.onBatch = func(int, *pb.Batch) reply { return reply{ends: coded(codes.Unavailable, "gone")} }
	must(t, run.LogMetric("loss", 2, 2))
	must(t, client.Flush(within(t, patience)))
	var starts []string
	for _, batch := range other.acknowledged() {
		if batch.GetRunStart() != nil {
			starts = append(starts, batch.GetRunStart().GetRunName())
		}
	}
	if !slices.Equal(starts, []string{"again"}) || len(pointsOf(other.acknowledged())["loss"]) != 1 {
		t.Errorf("it was told %v", starts)
	}
	if !slices.Equal(said.codes(), []string{"STEPWELL_HOME_CHANGED"}) {
		t.Errorf("said %v", said.codes())
	}
}

func TestADaemonThatTookTheSpoolOverIsGoneOnBehind(t *testing.T) {
	fake := startFake(t, scratchHome(t))
	// It thought this process gone, and gave out sequences of its own.
	fake.journaled = 7
	client, _ := newClient(t, fake.home)
	run, err := client.StartRun(stepwell.RunOptions{})
	must(t, err)
	must(t, run.LogMetric("loss", 1, 1))
	must(t, client.Flush(within(t, patience)))
	if fake.batches[0].GetSequence() != 8 {
		t.Errorf("the first sequence is %d", fake.batches[0].GetSequence())
	}
}

func TestAFlushEndsByItsDeadlineAndTheClientGoesOn(t *testing.T) {
	fake := startFake(t, scratchHome(t))
	isMute := true
	fake.onBatch = func(int, *pb.Batch) reply { return reply{withholds: isMute} }
	client, _ := newClient(t, fake.home)
	run, err := client.StartRun(stepwell.RunOptions{})
	must(t, err)
	must(t, run.LogMetric("loss", 1, 1))
	expectCode(t, client.Flush(within(t, 50*time.Millisecond)), "STEPWELL_FLUSH_TIMEOUT")
	fake.mu.Lock()
	isMute = false
	fake.mu.Unlock()
	must(t, run.LogMetric("loss", 2, 2))
	// An acknowledgement covers all before.
	must(t, client.Flush(within(t, patience)))
}

func TestClosingLeavesNoGoroutine(t *testing.T) {
	fake := startFake(t, scratchHome(t))
	for range 3 {
		client, _ := newClient(t, fake.home)
		run, err := client.StartRun(stepwell.RunOptions{})
		must(t, err)
		must(t, run.LogMetric("loss", 1, 1))
		_, err = client.Ping(within(t, patience))
		must(t, err)
		must(t, run.End(stepwell.Finished))
		must(t, client.Close(within(t, patience)))
		expectCode(t, run.LogMetric("loss", 1, 1), "STEPWELL_RUN_ENDED")
		_, err = client.StartRun(stepwell.RunOptions{})
		expectCode(t, err, "STEPWELL_CLIENT_CLOSED")
	}
	eventually(t, "the goroutines' end", func() bool { return len(ours()) == 0 })
}

func TestClosingWithoutADaemonLeavesTheSpoolAndNoGoroutine(t *testing.T) {
	home := scratchHome(t)
	client, _ := newClient(t, home)
	run, err := client.StartRun(stepwell.RunOptions{})
	must(t, err)
	must(t, run.LogMetric("loss", 1, 1))
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	expectCode(t, client.Close(ctx), "STEPWELL_FLUSH_TIMEOUT")
	eventually(t, "the goroutines' end", func() bool { return len(ours()) == 0 })
	if len(spools(t, home)) != 1 {
		t.Errorf("the spools are %v", spools(t, home))
	}
}

func TestARunOfSomebodyElseIsNotBegunAndNotEnded(t *testing.T) {
	fake := startFake(t, scratchHome(t))
	const one, other = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
	t.Setenv("STEPWELL_RUN_ID", one+","+other)
	client, _ := newClient(t, fake.home)
	run, err := client.StartRun(stepwell.RunOptions{Name: "not its name"})
	must(t, err)
	must(t, run.LogMetric("loss", 1, 1))
	must(t, run.SetTag("note", "x"))
	must(t, run.End(stepwell.Failed))
	must(t, client.Close(within(t, patience)))
	points := map[string]int{}
	for _, batch := range fake.acknowledged() {
		for _, column := range batch.GetMetrics() {
			points[batch.GetRunId()] += len(column.GetValues())
		}
		if batch.GetRunStart() != nil || batch.GetRunEnd() != nil {
			t.Errorf("it was told of %v, %v", batch.GetRunStart(), batch.GetRunEnd())
		}
	}
	if points[one] != 1 || points[other] != 1 {
		t.Errorf("the points are %v", points)
	}
}
