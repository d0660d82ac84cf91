package producer

import (
	"github.com/stepwell/stepwell/clients/go/internal/spool"
	"github.com/stepwell/stepwell/clients/go/internal/wire"
)

// refusal names a refused entry; a batch that is sent again is refused again.
type refusal struct {
	kind  int32
	index uint32
}

// batch is one that the daemon has not acknowledged.
type batch struct {
	opening *Opening
	request []byte
	parts   wire.Batch
	points  int
	entries int
	wasSent bool
	refused map[refusal]int
}

// outbox is the producer's side of the sequence protocol: sent in order, within the window, kept until then. It does no
// input or output.
type outbox struct {
	held []*batch
	// The sequence of the first batch that is held, or of the next one to be added.
	first uint64
	// How many of the held batches are under way on the current stream.
	sent          int
	inFlightBytes int
	windowBytes   int
	rewoundTo     uint64
	bytes         int
}

func (o *outbox) next() uint64 { return o.first + uint64(len(o.held)) }

// room is how many bytes may be cut now: what the window takes beside all that is held.
func (o *outbox) room() int { return o.windowBytes - o.bytes }

func (o *outbox) add(b *batch) {
	o.held = append(o.held, b)
	o.bytes += len(b.request)
}

// welcome begins a new stream: what the daemon has is settled, the rest is sent again from the start.
func (o *outbox) welcome(journaled uint64, windowBytes int, settle func(*batch)) {
	o.disconnected()
	o.windowBytes = windowBytes
	o.acknowledge(journaled, settle)
	// A daemon that thought this process gone took over its spool, and gave out sequences of its own.
	if len(o.held) == 0 && o.first <= journaled {
		o.first = journaled + 1
	}
}

// disconnected: nothing is under way and nothing may be sent.
func (o *outbox) disconnected() {
	o.sent, o.inFlightBytes, o.windowBytes, o.rewoundTo = 0, 0, 0, 0
}

// take answers the next batch that may be sent.
func (o *outbox) take() *batch {
	if o.sent == len(o.held) {
		return nil
	}
	b := o.held[o.sent]
	// A batch that was cut for a daemon with a larger window goes alone.
	if o.inFlightBytes > 0 && o.inFlightBytes+len(b.request) > o.windowBytes {
		return nil
	}
	o.sent++
	o.inFlightBytes += len(b.request)
	return b
}

func (o *outbox) acknowledge(sequence uint64, settle func(*batch)) {
	count := 0
	for count < len(o.held) && o.first <= sequence {
		b := o.held[count]
		o.held[count] = nil
		count++
		o.first++
		o.bytes -= len(b.request)
		if o.sent > 0 {
			o.sent--
			o.inFlightBytes -= len(b.request)
		}
		settle(b)
	}
	o.held = o.held[count:]
}

// rewind goes on from a sequence that the daemon missed. Batches that were under way behind the gap are each answered
// with the same request, so only the first one counts.
func (o *outbox) rewind(expected uint64) {
	if expected == o.rewoundTo || expected < o.first {
		return
	}
	o.rewoundTo = expected
	for o.sent > 0 && uint64(o.sent) > expected-o.first {
		o.sent--
		o.inFlightBytes -= len(o.held[o.sent].request)
	}
}

// Kinds of entries, as types.proto has them.
const (
	kindMetric = 1
	kindParam  = 2
	kindTag    = 3
)

// reject notes a refusal: the entries newly refused, and the batch while it is held. A refused start or end of a run is
// no entry in the caller's count.
func (o *outbox) reject(sequence uint64, kind int32, index uint32, entries int) (int, *batch) {
	if sequence < o.first || sequence >= o.next() {
		return 0, nil
	}
	b := o.held[sequence-o.first]
	which := refusal{kind, index}
	if _, isKnown := b.refused[which]; isKnown {
		return 0, b
	}
	if b.refused == nil {
		b.refused = map[refusal]int{}
	}
	counted := 0
	if kind >= kindMetric && kind <= kindTag {
		counted = entries
	}
	b.refused[which] = counted
	return counted, b
}

// keyOf is the key of a refused entry, or an empty text.
func (b *batch) keyOf(kind int32, index uint32) string {
	var keys []string
	switch kind {
	case kindMetric:
		for _, column := range b.parts.Columns {
			keys = append(keys, column.Key)
		}
		keys = append(keys, namesOf(b.parts.Series, spool.KindSeries)...)
	case kindParam:
		keys = namesOf(b.parts.Before, spool.KindParam)
	case kindTag:
		// Removed tags are counted behind the tags.
		keys = append(namesOf(b.parts.After, spool.KindTag), namesOf(b.parts.After, spool.KindRemovedTag)...)
	}
	if int(index) < len(keys) {
		return keys[index]
	}
	return ""
}

func namesOf(records []*spool.Record, kind spool.Kind) []string {
	var names []string
	for _, record := range records {
		if record.Kind == kind {
			names = append(names, record.Name)
		}
	}
	return names
}
