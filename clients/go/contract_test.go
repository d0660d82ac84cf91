package stepwell_test

import (
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stepwell/stepwell/clients/go"
)

type vector struct {
	Name   string
	Text   string
	Times  *int
	UTF8   string `json:"utf8"`
	Bits   string
	Number string
	Code   string
}

func (v vector) text() string {
	if v.Times != nil {
		return strings.Repeat(v.Text, *v.Times)
	}
	return v.Text
}

// What all clients take as it is, or refuse at the call.
func TestTheVectorsOfTheContractAreTakenOrRefused(t *testing.T) {
	content, err := os.ReadFile("../contract/vectors.json")
	must(t, err)
	var vectors map[string][]vector
	must(t, json.Unmarshal(content, &vectors))
	client, _ := newClient(t, scratchHome(t))
	run, err := client.StartRun(stepwell.RunOptions{})
	must(t, err)
	number := func(v vector) (int64, bool) {
		parsed, err := strconv.ParseInt(v.Number, 10, 64)
		return parsed, err == nil
	}
	uses := map[string]func(vector) (error, bool){
		"keys":   func(v vector) (error, bool) { return run.LogMetric(v.text(), 1, 1), true },
		"params": func(v vector) (error, bool) { return run.LogParam("param/"+strconv.Itoa(len(v.Name)), v.text()), true },
		"tags":   func(v vector) (error, bool) { return run.SetTag("tag", v.text()), true },
		"malformed_texts": func(v vector) (error, bool) {
			if v.UTF8 == "" {
				return nil, false
			}
			bytes, err := hex.DecodeString(v.UTF8)
			must(t, err)
			for _, err := range []error{run.LogMetric(string(bytes), 1, 1), run.LogParam("p", string(bytes)), run.SetTag(string(bytes), 1)} {
				expectCode(t, err, "STEPWELL_TEXT_MALFORMED")
			}
			return nil, true
		},
		"values": func(v vector) (error, bool) {
			bits, err := strconv.ParseUint(v.Bits, 16, 64)
			must(t, err)
			return run.LogMetric("value", math.Float64frombits(bits), 1), true
		},
		"steps": func(v vector) (error, bool) {
			step, isOne := number(v)
			return run.LogMetric("step", 1, step), isOne
		},
		"timestamps": func(v vector) (error, bool) {
			timestamp, isOne := number(v)
			return run.LogMetric("timestamp", 1, 1, stepwell.AtMs(timestamp)), isOne
		},
		"run_ids": func(v vector) (error, bool) {
			_, err := client.AttachRun(v.text())
			return err, true
		},
		"experiment_names": func(v vector) (error, bool) {
			_, err := client.StartRun(stepwell.RunOptions{Experiment: v.text()})
			return err, true
		},
		"model_ids": func(v vector) (error, bool) { return run.LogMetric("model", 1, 1, stepwell.OfModel(v.text())), true },
		"statuses": func(v vector) (error, bool) {
			ended, err := client.StartRun(stepwell.RunOptions{})
			must(t, err)
			return ended.End(stepwell.Status(v.text())), true
		},
	}
	for kind, list := range vectors {
		use := uses[kind]
		if use == nil {
			t.Errorf("nothing uses the vectors of %s", kind)
			continue
		}
		tried := 0
		for _, v := range list {
			err, isOne := use(v)
			// A number that an int64 can't hold is left out.
			if !isOne {
				continue
			}
			tried++
			if v.Code == "" || kind == "malformed_texts" {
				if err != nil {
					t.Errorf("%s, %s: %v", kind, v.Name, err)
				}
				continue
			}
			expectCode(t, err, v.Code)
		}
		if tried < 2 {
			t.Errorf("only %d vectors of %s were tried", tried, kind)
		}
	}
}

func TestACallWithOneBadEntryLogsNoneOfThem(t *testing.T) {
	fake := startFake(t, scratchHome(t))
	client, _ := newClient(t, fake.home)
	run, err := client.StartRun(stepwell.RunOptions{})
	must(t, err)
	expectCode(t, run.LogMetrics(map[string]float64{"good": 1, "b*d": 2}, 1), "STEPWELL_KEY_INVALID")
	expectCode(t, run.LogParams(map[string]any{"good": 1, "bad": strings.Repeat("x", 6_001)}), "STEPWELL_VALUE_TOO_LONG")
	expectCode(t, run.SetTags(map[string]any{"good": 1, "..": 2}), "STEPWELL_KEY_INVALID")
	expectCode(t, run.LogSeries("s", stepwell.Series{Steps: []int64{1, 2}, Values: []float64{1}}), "STEPWELL_COLUMN_UNEVEN")
	expectCode(t, run.LogSeries("s", stepwell.Series{Steps: []int64{1, 2}, Values: []float64{1, 2}, TimestampsMs: []int64{1, -1}}), "STEPWELL_TIMESTAMP_INVALID")
	must(t, run.LogParam("lr", 1))
	expectCode(t, run.LogParams(map[string]any{"new": 1, "lr": 2}), "STEPWELL_PARAM_CHANGED")
	must(t, run.LogParam("lr", 1))
	must(t, run.End(stepwell.Finished))
	must(t, run.End(stepwell.Failed))
	for _, err := range []error{run.LogMetric("loss", 1, 1), run.LogParam("p", 1), run.SetTag("t", 1), run.LogSeries("s", stepwell.Series{Steps: []int64{1}, Values: []float64{1}})} {
		expectCode(t, err, "STEPWELL_RUN_ENDED")
	}
	must(t, client.Flush(within(t, patience)))
	if stats := client.Stats(); stats.Acknowledged != 2 {
		t.Errorf("%+v", stats)
	}
}
