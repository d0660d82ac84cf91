package producer

import (
	"encoding/binary"
	"encoding/hex"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/stepwell/stepwell/clients/go/internal/fault"
	"github.com/stepwell/stepwell/clients/go/internal/spool"
	"github.com/stepwell/stepwell/clients/go/internal/wire"
)

// Opening is a run as this process logs to it, from the call that began it, went on with it or attached to it.
type Opening struct {
	producer *Producer
	RunID    string
	raw      [16]byte
	number   uint32
	// Its start as a field of a batch, for a home that does not know the run; nil where somebody else began it.
	start []byte

	// The columns that are known without a lock, by key: a copy of what is below, made anew now and then.
	fast atomic.Pointer[map[string]*Column]

	mu      sync.Mutex
	columns map[name]*Column
	plain   map[string]*Column
	misses  int
	params  map[string]string
	isEnded bool

	// With the producer's lock: what waits for the sender.
	isQueued bool
	dirty    []*Column
	records  []*spool.Record

	// Whether its end is left to who began the run, or to the daemon.
	isLeft atomic.Bool
}

type name struct{ key, modelID string }

// Find answers the column of a key that was checked and logged before, without a model.
func (o *Opening) Find(key string) *Column { return (*o.fast.Load())[key] }

// Log logs a point under a key and a model's id that were checked.
func (o *Opening) Log(key, modelID string, step, timestampMs int64, value float64) error {
	column, err := o.column(key, modelID)
	if err != nil {
		return err
	}
	if column.putSlowly(step, timestampMs, value) {
		return nil
	}
	if o.HasEnded() {
		return o.ended()
	}
	o.producer.drop(1)
	return nil
}

func (o *Opening) column(key, modelID string) (*Column, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.isEnded {
		return nil, o.ended()
	}
	column := o.columns[name{key, modelID}]
	if column == nil {
		column = &Column{opening: o, key: key, modelID: modelID}
		o.columns[name{key, modelID}] = column
		if modelID == "" {
			o.plain[key] = column
		}
	}
	if modelID == "" {
		// Copying costs as much as the calls that came here since the last copy.
		if o.misses++; o.misses >= len(o.plain) {
			copied := maps.Clone(o.plain)
			o.fast.Store(&copied)
			o.misses = 0
		}
	}
	return column, nil
}

// Series logs columns of eight bytes a point, in pieces that fit.
func (o *Opening) Series(key, modelID string, points int, fill func(from, to int, steps, timestamps, values []byte)) error {
	most := (spool.PayloadBytesMax - wire.ColumnBytesMax(key, modelID, 0)) / wire.PointBytes
	buffer := make([]byte, 0, wire.ColumnBytesMax(key, modelID, min(points, most)))
	for from := 0; from < points; from += most {
		to := min(points, from+most)
		part, steps, timestamps, values := wire.AppendColumn(buffer[:0], key, modelID, to-from)
		fill(from, to, steps, timestamps, values)
		if err := o.append(spool.KindSeries, key, to-from, part); err != nil {
			return err
		}
	}
	return nil
}

// Params logs several, all or none: STEPWELL_PARAM_CHANGED where this process has logged another value.
func (o *Opening) Params(pairs map[string]string) error {
	o.mu.Lock()
	for key, value := range pairs {
		if known, isKnown := o.params[key]; isKnown && known != value {
			o.mu.Unlock()
			return fault.New("STEPWELL_PARAM_CHANGED", "The param %q is %.80q already.", key, known)
		}
	}
	if o.isEnded {
		o.mu.Unlock()
		return o.ended()
	}
	maps.Copy(o.params, pairs)
	o.mu.Unlock()
	for key, value := range pairs {
		if err := o.append(spool.KindParam, key, 0, wire.Param(key, value)); err != nil {
			return err
		}
	}
	return nil
}

// Tag sets one.
func (o *Opening) Tag(key, value string) error {
	return o.append(spool.KindTag, key, 0, wire.Tag(key, value))
}

// HasEnded says whether this process logs to the run no more.
func (o *Opening) HasEnded() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.isEnded
}

// End lets nothing be logged any more, and sends the end after all that was; nil leaves it to who began the run.
func (o *Opening) End(end []byte) error {
	o.mu.Lock()
	if o.isEnded {
		o.mu.Unlock()
		return nil
	}
	o.isEnded = true
	o.fast.Store(&map[string]*Column{})
	for _, column := range o.columns {
		column.seal()
	}
	o.mu.Unlock()
	if end == nil {
		o.isLeft.Store(true)
		o.producer.wakeFor(o)
		return nil
	}
	return o.add(spool.KindEnd, "the run's end", 0, end)
}

// takeRest adds what calls stored that were under way at the end. It answers whether nothing is left. For the sending
// thread alone.
func (o *Opening) takeRest(w *work) bool {
	if w.isRestTaken {
		return true
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	var late []*Column
	for _, column := range o.columns {
		if !column.isDrained() {
			late = append(late, column)
		}
	}
	w.addColumns(late)
	for _, column := range late {
		if !column.isDrained() {
			return false
		}
	}
	w.isRestTaken = true
	return true
}

func (o *Opening) ended() error {
	return fault.New("STEPWELL_RUN_ENDED", "The run %s has ended.", o.RunID)
}

func (o *Opening) append(kind spool.Kind, key string, points int, part []byte) error {
	if o.HasEnded() {
		return o.ended()
	}
	return o.add(kind, key, points, part)
}

func (o *Opening) add(kind spool.Kind, key string, points int, part []byte) error {
	record, err := o.producer.spool.Append(o.raw, o.number, kind, part)
	if err != nil {
		if fault.CodeOf(err) != "STEPWELL_BUFFER_FULL" {
			return err
		}
		o.producer.drop(max(points, 1))
		return nil
	}
	record.Name, record.Points = key, points
	o.producer.enqueue(o, record)
	return nil
}

func rawID(runID string) (raw [16]byte) {
	// It was checked.
	_, _ = hex.Decode(raw[:], []byte(runID))
	return raw
}

// Fixed64 writes a number as a column holds it.
func Fixed64(column []byte, index int, bits uint64) {
	binary.LittleEndian.PutUint64(column[index*8:], bits)
}
