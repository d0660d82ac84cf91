package wire

import (
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/stepwell/stepwell/clients/go/internal/spool"
	pb "github.com/stepwell/stepwell/clients/go/internal/stepwellv1"
	"google.golang.org/protobuf/proto"
)

func TestABatchIsWhatProtobufMakesOfItAndAllInItHasItsSequence(t *testing.T) {
	s, err := spool.New(spool.Options{BytesMax: 1 << 28})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(true) })
	run := [16]byte{1}
	record := func(kind spool.Kind, payload []byte) *spool.Record {
		made, err := s.Append(run, 1, kind, payload)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	encoded := func(message proto.Message) []byte {
		bytes, err := proto.Marshal(message)
		if err != nil {
			t.Fatal(err)
		}
		return bytes
	}
	long := strings.Repeat("ä", 8_000)
	series, steps, timestamps, values := AppendColumn(nil, "curve", "m-1", 2)
	for _, list := range [][]byte{steps, timestamps, values} {
		list[0], list[8] = 1, 2
	}
	chunk := s.TakeChunk(0, run, 1, "loss", "")
	for step := range int64(10) {
		chunk.Put(step, 100+step, float64(step))
	}
	records := []*spool.Record{
		record(spool.KindStart, RunStart(encoded(&pb.RunStart{RunName: "r"}))), record(spool.KindParam, Param("p", "")),
		record(spool.KindSeries, series), record(spool.KindRemovedTag, RemovedTag("gone")), record(spool.KindTag, Tag("t", long)),
		record(spool.KindEnd, RunEnd(encoded(&pb.RunEnd{Status: pb.RunStatus_RUN_STATUS_FAILED}))),
	}
	batch := Batch{
		RunID: "0123456789abcdef0123456789abcdef", Before: records[:2], Series: records[2:3], After: records[3:],
		Columns: []Column{{Key: "loss", Points: 8, Spans: []spool.Span{{Chunk: chunk, From: 1, To: 4}, {Chunk: chunk, From: 5, To: 10}}}},
	}
	const sequence = 1<<39 + 7
	request := &pb.IngestRequest{}
	if err := proto.Unmarshal(batch.Encode(sequence), request); err != nil {
		t.Fatal(err)
	}
	wanted := &pb.Batch{
		Sequence: sequence, RunId: batch.RunID, RunStart: &pb.RunStart{RunName: "r"}, Params: []*pb.Param{{Key: "p"}},
		Metrics: []*pb.MetricColumn{
			{
				Key: "loss", Steps: []int64{1, 2, 3, 5, 6, 7, 8, 9}, TimestampsMs: []int64{101, 102, 103, 105, 106, 107, 108, 109},
				Values: []float64{1, 2, 3, 5, 6, 7, 8, 9},
			},
			{Key: "curve", ModelId: "m-1", Steps: []int64{1, 2}, TimestampsMs: []int64{1, 2}, Values: []float64{5e-324, 1e-323}},
		},
		RemovedTags: []string{"gone"}, Tags: []*pb.Tag{{Key: "t", Value: long}}, RunEnd: &pb.RunEnd{Status: pb.RunStatus_RUN_STATUS_FAILED},
	}
	if !proto.Equal(request.GetBatch(), wanted) {
		t.Errorf("it is %.500v", request)
	}
	for index, each := range records {
		// The mark is 48 bytes before the payload.
		if mark := *(*uint64)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(each.Payload)), -48)); mark&(1<<40-1) != sequence || mark>>40 == 0 {
			t.Errorf("record %d has the mark %x", index, mark)
		}
	}
	// Those that are in no batch wait still.
	if left := chunk.Scan(nil); len(left) != 1 || !slices.Equal([]uint32{left[0].From, left[0].To}, []uint32{0, 10}) {
		t.Errorf("the spans are %v", left)
	}
}
