package producer

import (
	"sync/atomic"

	"github.com/stepwell/stepwell/clients/go/internal/spool"
	"github.com/stepwell/stepwell/clients/go/internal/wire"
)

// work is what the sender took of one opening and cuts into batches.
type work struct {
	opening               *Opening
	before, series, after []*spool.Record
	end                   *spool.Record
	columns               []wire.Column
	// Entries of its records, for who asks meanwhile.
	recordEntries atomic.Int64
	isRestTaken   bool
}

func (w *work) addRecords(records []*spool.Record) {
	var starts, params, removed, tags []*spool.Record
	for _, record := range records {
		switch record.Kind {
		case spool.KindStart:
			starts = append(starts, record)
		case spool.KindParam:
			params = append(params, record)
		case spool.KindSeries:
			w.series = append(w.series, record)
		case spool.KindRemovedTag:
			removed = append(removed, record)
		case spool.KindTag:
			tags = append(tags, record)
		case spool.KindEnd:
			w.end = record
		}
	}
	w.before = append(starts, params...)
	w.after = append(removed, tags...)
}

func (w *work) addColumns(columns []*Column) {
	for _, column := range columns {
		// Before it is looked at: what is logged from now on queues the column again.
		column.isDirty.Store(false)
		if spans := column.take(); len(spans) > 0 {
			w.columns = append(w.columns, wire.Column{Key: column.key, ModelID: column.modelID, Spans: spans, Points: rowsOf(spans)})
		}
	}
}

func rowsOf(spans []spool.Span) (rows int) {
	for _, span := range spans {
		rows += span.Rows()
	}
	return rows
}

// isAllButEnd says whether nothing is left but the end.
func (w *work) isAllButEnd() bool {
	return len(w.before)+len(w.series)+len(w.after)+len(w.columns) == 0
}

// cutter fills one batch.
type cutter struct {
	batch *batch
	// Bytes that are wanted, and those that a message can have.
	room, roomMax int
	refuse        func(*spool.Record)
}

// nextBatch answers one that is filled up to the wanted bytes, or nil when nothing is left.
func (w *work) nextBatch(bytesWanted, bytesMax int, mayEnd bool, refuse func(*spool.Record)) *batch {
	b := &batch{opening: w.opening, parts: wire.Batch{RunID: w.opening.RunID}}
	c := cutter{batch: b, room: min(bytesWanted, bytesMax) - wire.BatchOverheadBytes, roomMax: bytesMax - wire.BatchOverheadBytes, refuse: refuse}
	w.before = c.records(w.before, &b.parts.Before)
	if len(w.before) == 0 {
		w.columns = c.columns(w.columns)
	}
	if len(w.before)+len(w.columns) == 0 {
		w.series = c.records(w.series, &b.parts.Series)
	}
	if len(w.before)+len(w.columns)+len(w.series) == 0 {
		w.after = c.records(w.after, &b.parts.After)
	}
	if w.isAllButEnd() && w.end != nil && mayEnd {
		if left := c.records([]*spool.Record{w.end}, &b.parts.After); len(left) == 0 {
			w.end = nil
		}
	}
	if len(b.parts.Before)+len(b.parts.Series)+len(b.parts.After)+len(b.parts.Columns) == 0 {
		return nil
	}
	return b
}

func (c *cutter) isEmpty() bool {
	parts := &c.batch.parts
	return len(parts.Before)+len(parts.Series)+len(parts.After)+len(parts.Columns) == 0
}

func (c *cutter) records(records []*spool.Record, to *[]*spool.Record) []*spool.Record {
	for len(records) > 0 {
		record := records[0]
		size := len(record.Payload)
		if size > c.roomMax {
			c.refuse(record)
			records = records[1:]
			continue
		}
		// One that is larger than what is wanted goes alone: a record is of one batch.
		if size > c.room && !c.isEmpty() {
			return records
		}
		*to = append(*to, record)
		c.room -= size
		c.batch.points += record.Points
		c.batch.entries += int(entriesOf(records[:1]))
		records = records[1:]
	}
	return nil
}

func (c *cutter) columns(columns []wire.Column) []wire.Column {
	for len(columns) > 0 {
		column := &columns[0]
		fitting := (c.room - wire.ColumnBytesMax(column.Key, column.ModelID, 0)) / wire.PointBytes
		if fitting <= 0 {
			if !c.isEmpty() {
				return columns
			}
			fitting = 1
		}
		part := *column
		if column.Points > fitting {
			part = splitColumn(column, fitting)
		} else {
			columns = columns[1:]
		}
		c.batch.parts.Columns = append(c.batch.parts.Columns, part)
		c.batch.points += part.Points
		c.batch.entries += part.Points
		c.room -= wire.ColumnBytesMax(part.Key, part.ModelID, part.Points)
	}
	return nil
}

// splitColumn takes the first points of a column.
func splitColumn(column *wire.Column, points int) wire.Column {
	first := wire.Column{Key: column.Key, ModelID: column.ModelID, Points: points}
	for points > 0 {
		span := &column.Spans[0]
		if span.Rows() <= points {
			first.Spans = append(first.Spans, *span)
			points -= span.Rows()
			column.Spans = column.Spans[1:]
			continue
		}
		first.Spans = append(first.Spans, spool.Span{Chunk: span.Chunk, From: span.From, To: span.From + uint32(points)})
		span.From += uint32(points)
		points = 0
	}
	column.Points -= first.Points
	return first
}
