// Package wire encodes batches of proto/stepwell/v1/ingest.proto by hand: the columns of a batch are copied from where
// their rows lie, which the generated code would take as one slice for each column first.
package wire

import (
	"slices"

	"github.com/stepwell/stepwell/clients/go/internal/spool"
	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of Batch and of what is in it.
const (
	requestBatch   = 2
	batchSequence  = 1
	batchRunID     = 2
	batchRunStart  = 3
	batchParam     = 4
	batchMetrics   = 5
	batchTag       = 6
	batchRunEnd    = 7
	batchRemoved   = 8
	pairKey        = 1
	pairValue      = 2
	columnKey      = 1
	columnSteps    = 2
	columnTimes    = 3
	columnValues   = 4
	columnModelID  = 5
	fixedBytes     = 8
	pointBytes     = 3 * fixedBytes
	columnOverhead = 40
)

// BatchOverheadBytes is the most that a batch takes beside its parts: its tags, its sequence and the run's id.
const BatchOverheadBytes = 64

// PointBytes is what a point takes in a column.
const PointBytes = pointBytes

// Param is one as a field of a batch.
func Param(key, value string) []byte { return pair(batchParam, key, value) }

// Tag is one as a field of a batch.
func Tag(key, value string) []byte { return pair(batchTag, key, value) }

// RemovedTag is one as a field of a batch.
func RemovedTag(key string) []byte {
	return protowire.AppendString(protowire.AppendTag(nil, batchRemoved, protowire.BytesType), key)
}

// RunStart is an encoded RunStart as a field of a batch.
func RunStart(start []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, batchRunStart, protowire.BytesType), start)
}

// RunEnd is an encoded RunEnd as a field of a batch.
func RunEnd(end []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, batchRunEnd, protowire.BytesType), end)
}

func pair(field protowire.Number, key, value string) []byte {
	size := protowire.SizeTag(pairKey) + protowire.SizeBytes(len(key)) +
		protowire.SizeTag(pairValue) + protowire.SizeBytes(len(value))
	out := make([]byte, 0, protowire.SizeTag(field)+protowire.SizeBytes(size))
	out = protowire.AppendTag(out, field, protowire.BytesType)
	out = protowire.AppendVarint(out, uint64(size))
	out = protowire.AppendString(protowire.AppendTag(out, pairKey, protowire.BytesType), key)
	return protowire.AppendString(protowire.AppendTag(out, pairValue, protowire.BytesType), value)
}

// ColumnBytesMax is the most that a column of so many points takes.
func ColumnBytesMax(key, modelID string, points int) int {
	return columnOverhead + len(key) + len(modelID) + points*pointBytes
}

// AppendColumn adds a column with room for so many points and answers the places of its three lists.
func AppendColumn(out []byte, key, modelID string, points int) (whole, steps, timestamps, values []byte) {
	// The places are parts of what is returned: nothing may move it behind them.
	out = slices.Grow(out, ColumnBytesMax(key, modelID, points))
	list := points * fixedBytes
	size := protowire.SizeTag(columnKey) + protowire.SizeBytes(len(key)) + 3*(protowire.SizeTag(columnSteps)+protowire.SizeBytes(list))
	if modelID != "" {
		size += protowire.SizeTag(columnModelID) + protowire.SizeBytes(len(modelID))
	}
	out = protowire.AppendTag(out, batchMetrics, protowire.BytesType)
	out = protowire.AppendVarint(out, uint64(size))
	out = protowire.AppendString(protowire.AppendTag(out, columnKey, protowire.BytesType), key)
	if modelID != "" {
		out = protowire.AppendString(protowire.AppendTag(out, columnModelID, protowire.BytesType), modelID)
	}
	var places [3][]byte
	for index, field := range [...]protowire.Number{columnSteps, columnTimes, columnValues} {
		out = protowire.AppendTag(out, field, protowire.BytesType)
		out = protowire.AppendVarint(out, uint64(list))
		at := len(out)
		out = out[:at+list]
		places[index] = out[at : at+list]
	}
	return out, places[0], places[1], places[2]
}

// Column is a part of a batch whose points are rows of the spool.
type Column struct {
	Key, ModelID string
	Spans        []spool.Span
	Points       int
}

// Batch is what one request is made of, in the order in which it takes effect.
type Batch struct {
	RunID string
	// Starts and params; series; removed tags, tags and the end.
	Before, Series, After []*spool.Record
	Columns               []Column
}

// Encode makes the whole request, and notes its sequence in the marks of all that is in it.
func (b *Batch) Encode(sequence uint64) []byte {
	head := protowire.AppendVarint(protowire.AppendTag(nil, batchSequence, protowire.VarintType), sequence)
	head = protowire.AppendString(protowire.AppendTag(head, batchRunID, protowire.BytesType), b.RunID)
	size := len(head)
	for _, records := range [...][]*spool.Record{b.Before, b.Series, b.After} {
		for _, record := range records {
			size += len(record.Payload)
		}
	}
	// The columns are written before their length is known: room for the longest head is left.
	const headMax = 16
	roomy := size + headMax
	for _, column := range b.Columns {
		roomy += ColumnBytesMax(column.Key, column.ModelID, column.Points)
	}
	out := make([]byte, headMax, roomy)
	out = append(out, head...)
	out = appendRecords(out, b.Before, sequence)
	for _, column := range b.Columns {
		var steps, timestamps, values []byte
		out, steps, timestamps, values = AppendColumn(out, column.Key, column.ModelID, column.Points)
		at := 0
		for _, span := range column.Spans {
			span.Encode(steps[at:], timestamps[at:], values[at:], sequence)
			at += span.Rows() * fixedBytes
		}
	}
	out = appendRecords(out, b.Series, sequence)
	out = appendRecords(out, b.After, sequence)
	var prefix [headMax]byte
	begin := protowire.AppendTag(prefix[:0], requestBatch, protowire.BytesType)
	begin = protowire.AppendVarint(begin, uint64(len(out)-headMax))
	copy(out[headMax-len(begin):], begin)
	return out[headMax-len(begin):]
}

func appendRecords(out []byte, records []*spool.Record, sequence uint64) []byte {
	for _, record := range records {
		out = append(out, record.Payload...)
		record.MarkSent(sequence)
	}
	return out
}
