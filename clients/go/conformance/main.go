// Command conformance is the Go client's driver of the conformance suite: clients/conformance/README.md has its protocol.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/stepwell/stepwell/clients/go"
)

const exitTime = 10 * time.Second

func main() {
	client, err := stepwell.New()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	d := &driver{client: client, runs: map[string]*stepwell.Run{}}
	answers := json.NewEncoder(os.Stdout)
	answers.SetEscapeHTML(false)
	must(answers.Encode(map[string]any{"ready": map[string]any{"language": "Go", "pid": os.Getpid()}}))
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			must(answers.Encode(d.answer(line)))
		}
		if errors.Is(err, io.EOF) {
			break
		}
		must(err)
	}
	d.end()
}

type driver struct {
	client   *stepwell.Client
	runs     map[string]*stepwell.Run
	isClosed bool
}

// end does what a Go program does: it ends its runs, and closes the client.
func (d *driver) end() {
	if d.isClosed {
		return
	}
	for _, run := range d.runs {
		must(run.End(stepwell.Finished))
	}
	ctx, cancel := context.WithTimeout(context.Background(), exitTime)
	defer cancel()
	if err := d.client.Close(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// cannot is why the language can't do what is asked.
type cannot string

func (c cannot) Error() string { return string(c) }

func (d *driver) answer(line []byte) any {
	var told command
	must(json.Unmarshal(line, &told))
	given, err := d.do(&told)
	var reason cannot
	var known *stepwell.Error
	switch {
	case errors.As(err, &reason):
		return map[string]any{"cannot": string(reason)}
	case errors.As(err, &known):
		return map[string]any{"error": map[string]any{"code": known.Code, "sentence": known.Sentence, "remedy": known.Remedy}}
	}
	must(err)
	if given == nil {
		given = map[string]any{}
	}
	return map[string]any{"ok": given}
}

func (d *driver) do(c *command) (any, error) {
	switch c.Do {
	case "start_run":
		return d.startRun(c)
	case "flush":
		ctx, cancel := c.context()
		defer cancel()
		return nil, d.client.Flush(ctx)
	case "drain":
		ctx, cancel := c.context()
		defer cancel()
		drained, err := d.client.Drain(ctx)
		var waiting uint64
		for _, lane := range drained.Lanes {
			waiting += lane.QueuedPoints
		}
		return map[string]any{"complete": drained.IsComplete, "waiting": waiting, "dead_letters": drained.DeadLetters}, err
	case "close":
		return nil, d.close(c)
	case "stats":
		stats := d.client.Stats()
		return map[string]any{
			"acknowledged": stats.Acknowledged, "rejected": stats.Rejected, "dropped": stats.Dropped, "connects": stats.Connects,
		}, nil
	case "spawn":
		return d.spawn(c)
	case "fork":
		return nil, cannot("a Go program can't go on after a fork")
	}
	run := d.runs[c.Run]
	if run == nil {
		return nil, fmt.Errorf("there is no run %q", c.Run)
	}
	return nil, d.log(run, c)
}

func (d *driver) log(run *stepwell.Run, c *command) error {
	switch c.Do {
	case "log_metric":
		key, keyErr := c.Key.text()
		step, stepErr := wholeOf(c.Step)
		more, moreErr := c.more()
		value, valueErr := doubleOf(c.Value)
		if err := errors.Join(keyErr, stepErr, moreErr, valueErr); err != nil {
			return err
		}
		return run.LogMetric(key, value, step, more...)
	case "log_metrics":
		step, stepErr := wholeOf(c.Step)
		more, moreErr := c.more()
		if err := errors.Join(stepErr, moreErr); err != nil {
			return err
		}
		metrics := map[string]float64{}
		for key, text := range c.Metrics {
			value, err := parseDouble(text)
			if err != nil {
				return err
			}
			metrics[key] = value
		}
		return run.LogMetrics(metrics, step, more...)
	case "log_series":
		return logSeries(run, c)
	case "log_many":
		key, err := c.Key.text()
		for step := c.First; step < c.First+c.Count && err == nil; step++ {
			err = run.LogMetric(key, float64(step), step)
		}
		return err
	case "log_large_series":
		key, err := c.Key.text()
		if err != nil {
			return err
		}
		var series stepwell.Series
		for step := c.First; step < c.First+c.Count; step++ {
			series.Steps = append(series.Steps, step)
			series.Values = append(series.Values, float64(step))
		}
		return run.LogSeries(key, series)
	case "log_param", "set_tag":
		key, keyErr := c.Key.text()
		value, valueErr := textOf(c.Value)
		if err := errors.Join(keyErr, valueErr); err != nil {
			return err
		}
		if c.Do == "log_param" {
			return run.LogParam(key, value)
		}
		return run.SetTag(key, value)
	case "set_many_tags":
		key, err := c.Key.text()
		for number := int64(0); number < c.Count && err == nil; number++ {
			err = run.SetTag(fmt.Sprint(key, number), strings.Repeat("x", c.Characters))
		}
		return err
	case "end_run":
		status := stepwell.Finished
		if c.Status != nil {
			text, err := c.Status.text()
			if err != nil {
				return err
			}
			status = stepwell.Status(text)
		}
		return run.End(status)
	}
	return fmt.Errorf("there is no command %q", c.Do)
}

func (d *driver) startRun(c *command) (any, error) {
	var options stepwell.RunOptions
	for _, each := range []struct {
		given *text
		into  *string
	}{{c.RunID, &options.ID}, {c.RunName, &options.Name}, {c.ExperimentName, &options.Experiment}} {
		if each.given == nil {
			continue
		}
		value, err := each.given.text()
		if err != nil {
			return nil, err
		}
		if value == "" {
			return nil, cannot("an empty text says that none is given")
		}
		*each.into = value
	}
	run, err := d.client.StartRun(options)
	if err != nil {
		return nil, err
	}
	d.runs[c.Run] = run
	return map[string]any{"run_id": run.ID()}, nil
}

func (d *driver) close(c *command) error {
	for _, run := range d.runs {
		if err := run.End(stepwell.Finished); err != nil {
			return err
		}
	}
	ctx, cancel := c.context()
	defer cancel()
	d.isClosed = true
	return d.client.Close(ctx)
}

func (d *driver) spawn(c *command) (any, error) {
	child := exec.Command(os.Args[0])
	child.Env = os.Environ()
	if c.Inherits != "" {
		child.Env = append(child.Env, "STEPWELL_RUN_ID="+d.runs[c.Inherits].ID())
	}
	child.Stderr = os.Stderr
	var said bytes.Buffer
	child.Stdout = &said
	child.Stdin = strings.NewReader(joined(c.Commands))
	code := 0
	if err := child.Run(); err != nil {
		code = child.ProcessState.ExitCode()
	}
	answers := []json.RawMessage{}
	for line := range strings.Lines(said.String()) {
		if !strings.HasPrefix(line, `{"ready"`) {
			answers = append(answers, json.RawMessage(strings.TrimSpace(line)))
		}
	}
	return map[string]any{"answers": answers, "code": code}, nil
}

func joined(commands []json.RawMessage) string {
	var lines strings.Builder
	for _, each := range commands {
		lines.Write(each)
		lines.WriteByte('\n')
	}
	return lines.String()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
