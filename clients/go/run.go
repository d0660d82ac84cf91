package stepwell

import (
	"crypto/rand"
	"encoding/hex"
	"maps"
	"math"
	"os"
	"os/user"
	"runtime/debug"
	"slices"
	"time"

	"github.com/stepwell/stepwell/clients/go/internal/check"
	"github.com/stepwell/stepwell/clients/go/internal/contract"
	"github.com/stepwell/stepwell/clients/go/internal/fault"
	"github.com/stepwell/stepwell/clients/go/internal/producer"
	pb "github.com/stepwell/stepwell/clients/go/internal/stepwellv1"
	"google.golang.org/protobuf/proto"
)

// RunOptions say how a run begins. All may be left out.
type RunOptions struct {
	// Name is at most 8,000 characters; the daemon makes one where none is given.
	Name string
	// Experiment is at most 500 characters; "Default" where none is given.
	Experiment string
	// Trackers are names or ids of experiment trackers; the active stack's default one where none is given.
	Trackers []string
	// Tags are set as the run begins; see Run.SetTags.
	Tags map[string]any
	// ID goes on with the run that has it: 32 lower-case hexadecimal digits. Without it a new one is made.
	ID string
	// Parent is the run that this one is a child of: in its experiment and at its trackers unless others are given.
	Parent *Run
	// SystemMetrics has the daemon log what the machine does and what this process and its children take, so often: from
	// 1 s to an hour. 0 is what MLflow's variables say, or else the tracker; below it says off.
	SystemMetrics time.Duration
}

// Run is what log calls are made on. Its methods may be called from any goroutine, and none waits, but for those that
// take a context.
type Run struct {
	client   *Client
	opening  *producer.Opening
	others   []*Run
	options  RunOptions
	attached bool
}

// StartRun begins a run, or goes on with the one of options.ID. It returns at once: the id is made here. In a program
// that `stepwell run` started, a run without an ID and a Parent is that command's, which ends it.
//
// Fails with STEPWELL_RUN_ID_INVALID, STEPWELL_EXPERIMENT_INVALID, STEPWELL_VALUE_TOO_LONG, STEPWELL_TEXT_MALFORMED, or
// what SetTags fails with; STEPWELL_SETTING_INVALID for an interval out of its bounds; STEPWELL_CLIENT_CLOSED after Close.
func (c *Client) StartRun(options RunOptions) (*Run, error) {
	asked, err := systemMetricsAsked(options.SystemMetrics)
	if err != nil {
		return nil, err
	}
	run, err := c.startRun(options)
	if err == nil && asked != "" {
		err = run.SetTags(map[string]any{systemMetricsTag: asked})
	}
	return run, err
}

func (c *Client) startRun(options RunOptions) (*Run, error) {
	if options.ID == "" && options.Parent == nil && len(c.inherited) > 0 {
		run, err := c.attach(c.inherited)
		if err == nil && len(options.Tags) > 0 {
			err = run.SetTags(options.Tags)
		}
		return run, err
	}
	if err := options.check(); err != nil {
		return nil, err
	}
	goesOn := options.ID != ""
	if !goesOn {
		options.ID = newRunID()
	}
	parent := ""
	if options.Parent != nil {
		parent = options.Parent.ID()
		if options.Experiment == "" {
			options.Experiment = options.Parent.options.Experiment
		}
		if len(options.Trackers) == 0 {
			options.Trackers = options.Parent.options.Trackers
		}
	}
	start := encoded(&pb.RunStart{
		ExperimentName: options.Experiment, RunName: options.Name, Trackers: options.Trackers, StartTimeMs: nowMs(),
		User: userName(), SourceName: sourceName(), ParentRunId: parent,
	})
	var running []byte
	if goesOn {
		// It may have ended before.
		running = producer.RunEnd(encoded(&pb.RunEnd{Status: pb.RunStatus_RUN_STATUS_RUNNING}))
	}
	opening, err := c.producer.Open(options.ID, producer.RunStart(start), running)
	if err != nil {
		return nil, err
	}
	run := &Run{client: c, opening: opening, options: options}
	if commit := gitCommit(); commit != "" {
		_ = opening.Tag("mlflow.source.git.commit", commit)
	}
	if len(options.Tags) > 0 {
		err = run.SetTags(options.Tags)
	}
	return run, err
}

// AttachRun logs to a run that somebody else began and will end. Fails with STEPWELL_RUN_ID_INVALID.
func (c *Client) AttachRun(runID string) (*Run, error) { return c.attach([]string{runID}) }

func (c *Client) attach(runIDs []string) (*Run, error) {
	runs := make([]*Run, 0, len(runIDs))
	for _, id := range runIDs {
		if err := check.RunID(id); err != nil {
			return nil, err
		}
		opening, err := c.producer.Open(id, nil, nil)
		if err != nil {
			return nil, err
		}
		runs = append(runs, &Run{client: c, opening: opening, options: RunOptions{ID: id}, attached: true})
	}
	runs[0].others = runs[1:]
	return runs[0], nil
}

func (o *RunOptions) check() error {
	if o.ID != "" {
		if err := check.RunID(o.ID); err != nil {
			return err
		}
	}
	if err := check.Text("The run's name", o.Name, contract.TagValueCodePointsMax); err != nil {
		return err
	}
	if err := check.ExperimentName(o.Experiment); err != nil {
		return err
	}
	for _, tracker := range o.Trackers {
		if err := check.Text("The experiment tracker's name", tracker, contract.TagValueCodePointsMax); err != nil {
			return err
		}
	}
	_, err := textsOf(o.Tags, check.TagText)
	return err
}

// ID is the run's: 32 hexadecimal digits, which every call of Stepwell accepts for it.
func (r *Run) ID() string { return r.opening.RunID }

// PointOption says more of a point than its key, value and step.
type PointOption func(*point)

type point struct {
	timestampMs int64
	modelID     string
}

// At sets when a point was measured, in whole milliseconds since 1970; without it, it is now.
func At(when time.Time) PointOption { return func(p *point) { p.timestampMs = when.UnixMilli() } }

// AtMs is At for milliseconds since 1970 UTC, not negative.
func AtMs(timestampMs int64) PointOption { return func(p *point) { p.timestampMs = timestampMs } }

// OfModel names the logged model of MLflow 3 that a point measures: at most 36 letters, digits, "_", "." or "-".
func OfModel(modelID string) PointOption { return func(p *point) { p.modelID = modelID } }

// LogMetric logs one point. The value may be NaN or infinite, the step any number; the time is now unless At says
// otherwise. Once it returned, the point outlives this process.
//
// Fails with STEPWELL_KEY_INVALID, STEPWELL_TEXT_MALFORMED, STEPWELL_TIMESTAMP_INVALID, STEPWELL_MODEL_ID_INVALID or
// STEPWELL_RUN_ENDED; nothing is logged then. Where the spool is full, the point is dropped and counted in Stats.
func (r *Run) LogMetric(key string, value float64, step int64, more ...PointOption) error {
	if len(more) == 0 && r.others == nil {
		if column := r.opening.Find(key); column != nil && column.Put(step, nowMs(), value) {
			return nil
		}
	}
	if err := check.Key(key); err != nil {
		return err
	}
	p, err := pointOf(more)
	if err != nil {
		return err
	}
	return r.each(func(o *producer.Opening) error { return o.Log(key, p.modelID, step, p.timestampMs, value) })
}

// LogMetrics logs one point of each metric, all of one step and one time. Fails as LogMetric; nothing is logged then.
func (r *Run) LogMetrics(metrics map[string]float64, step int64, more ...PointOption) error {
	for key := range metrics {
		if r.opening.Find(key) != nil {
			// It was checked and logged before.
			continue
		}
		if err := check.Key(key); err != nil {
			return err
		}
	}
	p, err := pointOf(more)
	if err != nil {
		return err
	}
	return r.each(func(o *producer.Opening) error {
		for key, value := range metrics {
			if p.modelID == "" {
				if column := o.Find(key); column != nil && column.Put(step, p.timestampMs, value) {
					continue
				}
			}
			if err := o.Log(key, p.modelID, step, p.timestampMs, value); err != nil {
				return err
			}
		}
		return nil
	})
}

// Series are points of one metric, in columns of the same length.
type Series struct {
	Steps  []int64
	Values []float64
	// TimestampsMs are milliseconds since 1970 UTC, not negative; nil is now for all.
	TimestampsMs []int64
	// ModelID is as of OfModel.
	ModelID string
}

// LogSeries logs a point for each step and value: the fastest way to log many. The slices are copied.
//
// Fails as LogMetric, and with STEPWELL_COLUMN_UNEVEN when the lengths differ; nothing is logged then.
func (r *Run) LogSeries(key string, series Series) error {
	if err := check.Key(key); err != nil {
		return err
	}
	if err := check.ModelID(series.ModelID); err != nil {
		return err
	}
	if len(series.Steps) != len(series.Values) || series.TimestampsMs != nil && len(series.TimestampsMs) != len(series.Values) {
		return fault.New("STEPWELL_COLUMN_UNEVEN", "The series %q has %d steps, %d values, %d timestamps.",
			key, len(series.Steps), len(series.Values), len(series.TimestampsMs))
	}
	if at := slices.IndexFunc(series.TimestampsMs, func(ms int64) bool { return ms < 0 }); at >= 0 {
		return check.Timestamp(series.TimestampsMs[at])
	}
	now := nowMs()
	fill := func(from, to int, steps, timestamps, values []byte) {
		for index := from; index < to; index++ {
			timestamp := now
			if series.TimestampsMs != nil {
				timestamp = series.TimestampsMs[index]
			}
			producer.Fixed64(steps, index-from, uint64(series.Steps[index]))
			producer.Fixed64(timestamps, index-from, uint64(timestamp))
			producer.Fixed64(values, index-from, math.Float64bits(series.Values[index]))
		}
	}
	return r.each(func(o *producer.Opening) error {
		return o.Series(key, series.ModelID, len(series.Values), fill)
	})
}

// LogParam logs a param as fmt.Sprint makes it, of at most 6,000 characters.
//
// Fails with STEPWELL_KEY_INVALID, STEPWELL_VALUE_TOO_LONG, STEPWELL_TEXT_MALFORMED, STEPWELL_RUN_ENDED, or
// STEPWELL_PARAM_CHANGED where this run object has logged another value; nothing is logged then.
func (r *Run) LogParam(key string, value any) error { return r.LogParams(map[string]any{key: value}) }

// LogParams logs several params, all or none. Fails as LogParam.
func (r *Run) LogParams(params map[string]any) error {
	texts, err := textsOf(params, check.ParamText)
	if err != nil {
		return err
	}
	return r.each(func(o *producer.Opening) error { return o.Params(texts) })
}

// SetTag sets a tag as fmt.Sprint makes it, of at most 8,000 characters; a later value replaces it.
//
// Fails with STEPWELL_KEY_INVALID, STEPWELL_VALUE_TOO_LONG, STEPWELL_TEXT_MALFORMED or STEPWELL_RUN_ENDED; nothing is
// set then.
func (r *Run) SetTag(key string, value any) error { return r.SetTags(map[string]any{key: value}) }

// SetTags sets several tags, all or none. Fails as SetTag.
func (r *Run) SetTags(tags map[string]any) error {
	texts, err := textsOf(tags, check.TagText)
	if err != nil {
		return err
	}
	return r.each(func(o *producer.Opening) error {
		for _, key := range slices.Sorted(maps.Keys(texts)) {
			if err := o.Tag(key, texts[key]); err != nil {
				return err
			}
		}
		return nil
	})
}

// Status is how a run ends.
type Status string

// The statuses that end a run.
const (
	Finished Status = "FINISHED"
	Failed   Status = "FAILED"
	Killed   Status = "KILLED"
)

// StatusOf is the status of a run whose program came to this error: Finished for none.
func StatusOf(err error) Status {
	if err == nil {
		return Finished
	}
	return Failed
}

// End ends the run; a second call does nothing. A run that somebody else began is only left. Fails with
// STEPWELL_STATUS_INVALID.
func (r *Run) End(status Status) error {
	value, isKnown := map[Status]pb.RunStatus{
		Finished: pb.RunStatus_RUN_STATUS_FINISHED, Failed: pb.RunStatus_RUN_STATUS_FAILED, Killed: pb.RunStatus_RUN_STATUS_KILLED,
	}[status]
	if !isKnown {
		return fault.New("STEPWELL_STATUS_INVALID", "%q is no status that ends a run.", string(status))
	}
	var end []byte
	if !r.attached {
		end = producer.RunEnd(encoded(&pb.RunEnd{Status: value, EndTimeMs: nowMs()}))
	}
	return r.each(func(o *producer.Opening) error { return o.End(end) })
}

// HasEnded says whether this object has ended the run.
func (r *Run) HasEnded() bool { return r.opening.HasEnded() }

func (r *Run) each(do func(*producer.Opening) error) error {
	if err := do(r.opening); err != nil {
		return err
	}
	for _, other := range r.others {
		if err := do(other.opening); err != nil {
			return err
		}
	}
	return nil
}

func pointOf(more []PointOption) (point, error) {
	p := point{timestampMs: nowMs()}
	for _, option := range more {
		option(&p)
	}
	if err := check.Timestamp(p.timestampMs); err != nil {
		return p, err
	}
	return p, check.ModelID(p.modelID)
}

func textsOf(values map[string]any, textOf func(string, any) (string, error)) (map[string]string, error) {
	texts := make(map[string]string, len(values))
	for key, value := range values {
		if err := check.Key(key); err != nil {
			return nil, err
		}
		text, err := textOf(key, value)
		if err != nil {
			return nil, err
		}
		texts[key] = text
	}
	return texts, nil
}

func nowMs() int64 { return time.Now().UnixMilli() }

func newRunID() string {
	var raw [16]byte
	// It never fails.
	_, _ = rand.Read(raw[:])
	// A random UUID, as MLflow has them.
	raw[6] = raw[6]&0x0f | 0x40
	raw[8] = raw[8]&0x3f | 0x80
	return hex.EncodeToString(raw[:])
}

func encoded(message proto.Message) []byte {
	bytes, err := proto.Marshal(message)
	if err != nil {
		// Its texts were checked.
		panic(err)
	}
	return bytes
}

func userName() string {
	who, err := user.Current()
	if err != nil {
		return ""
	}
	return wellFormed(who.Username)
}

func sourceName() string {
	if len(os.Args) == 0 {
		return ""
	}
	return wellFormed(os.Args[0])
}

// gitCommit is the commit that the program was built from, where the build noted it.
func gitCommit() string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, setting := range build.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value
		}
	}
	return ""
}
