package producer

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/stepwell/stepwell/clients/go/internal/contract"
	"github.com/stepwell/stepwell/clients/go/internal/daemon"
	"github.com/stepwell/stepwell/clients/go/internal/fault"
	"github.com/stepwell/stepwell/clients/go/internal/limits"
	"github.com/stepwell/stepwell/clients/go/internal/spool"
	pb "github.com/stepwell/stepwell/clients/go/internal/stepwellv1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
)

// sender keeps one stream to the daemon open, whatever happens to either. A stream ends in an error, or answers nothing:
// the next one is opened after a pause drawn at random, with a higher epoch. The daemon's Welcome says what is on its
// disk; the rest is sent again in order, so that nothing is lost or doubled.
type sender struct {
	p               *Producer
	epoch           uint64
	homeID          string
	batchBytesMax   int
	messageBytesMax int
	lastCut         time.Time
	isFinishing     atomic.Bool
	refusals        map[[2]string]bool
}

// errClosed: the daemon ended a stream that was closed.
var errClosed = errors.New("closed")

// finish ends the producer's last stream once all is acknowledged.
func (s *sender) finish() {
	s.isFinishing.Store(true)
	poke(s.p.hurry)
}

func (s *sender) run(ctx context.Context) {
	failures := 0
	var unreachableSince time.Time
	hasWarned := false
	for {
		if !s.awaitNeed(ctx) {
			return
		}
		connects := s.p.connects.Load()
		err := s.streamOnce(ctx)
		if ctx.Err() != nil || errors.Is(err, errClosed) || (s.isFinishing.Load() && !s.p.hasPending()) {
			return
		}
		trouble := troubleOf(err)
		if contract.IsFinalCode(trouble.Code) {
			s.fail(trouble)
			return
		}
		now := time.Now()
		if s.p.connects.Load() > connects {
			failures, unreachableSince = 0, time.Time{}
		}
		if unreachableSince.IsZero() {
			unreachableSince = now
		}
		s.p.boxMu.Lock()
		s.p.trouble = trouble
		s.p.boxMu.Unlock()
		if now.Sub(unreachableSince) >= s.patienceWith(trouble) && !hasWarned {
			hasWarned = true
			s.p.warn(trouble)
		}
		bound := min(contract.ReconnectWaitMax, contract.ReconnectWaitMin<<failures)
		failures = min(failures+1, 16)
		select {
		case <-time.After(rand.N(bound)):
		case <-ctx.Done():
			return
		}
	}
}

// awaitNeed returns once there is something to send or a run that goes on: the daemon may know of this process by its
// stream alone. It answers false at the end.
func (s *sender) awaitNeed(ctx context.Context) bool {
	for {
		s.p.mu.Lock()
		isAwaited := len(s.p.queue) > 0
		s.p.mu.Unlock()
		if isAwaited || s.p.hasOpenings() || s.p.hasPending() {
			return true
		}
		if s.isFinishing.Load() {
			return false
		}
		select {
		case <-s.p.stir:
		case <-s.p.hurry:
		case <-ctx.Done():
			return false
		}
	}
}

// patienceWith is how long it may last before it is said: what does not pass by itself is said soon.
func (s *sender) patienceWith(trouble *fault.Error) time.Duration {
	if contract.IsUnsafeCode(trouble.Code) {
		return 0
	}
	failure, isCommandMissing := s.p.settings.Finder.StartFailure()
	if trouble != failure {
		return contract.UnreachableWarning
	}
	if isCommandMissing {
		return 0
	}
	return contract.StartFailureWarning
}

func troubleOf(err error) *fault.Error {
	var known *fault.Error
	if errors.As(err, &known) {
		return known
	}
	return fault.New("STEPWELL_DAEMON_UNREACHABLE", "The stream to the daemon ended: %v.", err).Because(err)
}

func (s *sender) fail(failure *fault.Error) {
	s.p.boxMu.Lock()
	s.p.failure = failure
	waiting := s.p.waiting
	s.p.waiting = nil
	s.p.boxMu.Unlock()
	s.p.mu.Lock()
	for _, item := range s.p.queue {
		if w, ok := item.(*waiter); ok {
			waiting = append(waiting, w)
		}
	}
	s.p.mu.Unlock()
	for _, w := range waiting {
		w.err = failure
		close(w.done)
	}
	s.p.warn(failure)
}

// streamOnce returns errClosed when the producer was closed, and else why the stream ended.
func (s *sender) streamOnce(ctx context.Context) error {
	connection, err := s.p.settings.Finder.Connect(ctx, s.p.hasPending())
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	description := &grpc.StreamDesc{StreamName: "Ingest", ServerStreams: true, ClientStreams: true}
	stream, err := connection.NewStream(ctx, description, pb.IngestService_Ingest_FullMethodName, grpc.ForceCodecV2(rawCodec{}))
	if err != nil {
		return daemon.ErrorOf(err, nil)
	}
	// Nothing is under way once this stream is gone, however it ends.
	defer func() {
		s.p.boxMu.Lock()
		s.p.box.disconnected()
		s.p.boxMu.Unlock()
	}()
	if err := s.greet(stream, cancel); err != nil {
		return err
	}
	reading := &reader{ended: make(chan struct{})}
	go func() {
		defer close(reading.ended)
		reading.err = s.read(stream)
	}()
	err = s.write(ctx, stream, reading)
	cancel()
	<-reading.ended
	return err
}

// reader says why the reading thread ended, once it has.
type reader struct {
	ended chan struct{}
	err   error
}

func (r *reader) why() error {
	<-r.ended
	return r.err
}

func (s *sender) greet(stream grpc.ClientStream, cancel func()) error {
	timer := time.AfterFunc(contract.WelcomeWait, cancel)
	defer timer.Stop()
	s.epoch++
	who := daemon.ProcessIdentity()
	s.p.boxMu.Lock()
	first := s.p.box.first
	s.p.boxMu.Unlock()
	hello := &pb.IngestRequest{Message: &pb.IngestRequest_Hello{Hello: &pb.Hello{
		ProtocolVersion: contract.ProtocolVersion, ClientName: s.p.settings.ClientName, ClientVersion: s.p.settings.ClientVersion,
		ProducerId: s.p.id[:], Epoch: s.epoch, FirstUnacknowledgedSequence: first,
		Process: &pb.ProcessIdentity{BootId: who.BootID, PidNamespace: who.PidNamespace, Pid: who.Pid, StartTicks: who.StartTicks},
	}}}
	if err := s.send(stream, hello); err != nil {
		return err
	}
	answer := &pb.IngestResponse{}
	if err := stream.RecvMsg(answer); err != nil {
		return endOf(stream, err)
	}
	welcome := answer.GetWelcome()
	if welcome == nil {
		return fault.New("STEPWELL_HANDSHAKE_INVALID", "The daemon's first answer is no Welcome.")
	}
	if err := s.p.settings.Finder.CheckID(welcome.GetHomeId()); err != nil {
		return err
	}
	s.welcome(welcome)
	return nil
}

func (s *sender) welcome(welcome *pb.Welcome) {
	window := int(min(welcome.GetUnacknowledgedBytesMax(), 1<<30))
	s.messageBytesMax = min(contract.BatchBytesMax, int(welcome.GetMessageBytesMax()))
	s.batchBytesMax = min(s.messageBytesMax, window)
	s.p.connects.Add(1)
	s.p.boxMu.Lock()
	s.p.trouble = nil
	s.p.box.welcome(welcome.GetJournaledSequence(), window, s.settle)
	s.settleWaiters()
	s.p.boxMu.Unlock()
	if s.homeID != "" && s.homeID != welcome.GetHomeId() {
		s.p.again()
		s.p.warn(fault.New("STEPWELL_HOME_CHANGED", "The home has another id than before, %s instead of %s: "+
			"its open runs were begun again, and what was acknowledged before may not be in it.", welcome.GetHomeId(), s.homeID))
	}
	s.homeID = welcome.GetHomeId()
}

// write returns errClosed after Close was answered, and else why the stream ended.
func (s *sender) write(ctx context.Context, stream grpc.ClientStream, reading *reader) error {
	linger := time.NewTimer(limits.Linger)
	defer linger.Stop()
	isHurried := true
	for {
		now := time.Now()
		wait := limits.Linger - now.Sub(s.lastCut)
		if isHurried || wait <= 0 {
			s.cut()
			s.lastCut, wait = now, limits.Linger
		}
		isHurried = false
		for b := s.takeBatch(); b != nil; b = s.takeBatch() {
			if err := stream.SendMsg(b.request); err != nil {
				// What the daemon said of the end is worth more than that it could not be written to.
				return reading.why()
			}
		}
		if s.isFinishing.Load() && !s.p.hasPending() {
			return s.close(ctx, stream, reading)
		}
		var lingering <-chan time.Time
		if s.canCut() {
			linger.Reset(wait)
			lingering = linger.C
		}
		select {
		case <-lingering:
		case <-s.p.stir:
		case <-s.p.hurry:
			isHurried = true
		case <-reading.ended:
			return reading.err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *sender) close(ctx context.Context, stream grpc.ClientStream, reading *reader) error {
	if err := s.send(stream, &pb.IngestRequest{Message: &pb.IngestRequest_Close{Close: &pb.Close{}}}); err != nil {
		return err
	}
	_ = stream.CloseSend()
	select {
	case <-reading.ended:
	case <-time.After(contract.CloseWait):
	case <-ctx.Done():
	}
	return errClosed
}

func (s *sender) send(stream grpc.ClientStream, message proto.Message) error {
	encoded, err := proto.Marshal(message)
	if err != nil {
		return fault.New("STEPWELL_INTERNAL", "A message can't be encoded: %v.", err).Because(err)
	}
	if err := stream.SendMsg(encoded); err != nil {
		if errors.Is(err, io.EOF) {
			// The reason comes with the answer.
			err = stream.RecvMsg(&pb.IngestResponse{})
		}
		return endOf(stream, err)
	}
	return nil
}

func endOf(stream grpc.ClientStream, err error) error {
	if errors.Is(err, io.EOF) {
		return fault.New("STEPWELL_DAEMON_UNREACHABLE", "The daemon ended the stream.")
	}
	return daemon.ErrorOf(err, stream.Trailer())
}

// canCut says whether anything waits that the window has room for.
func (s *sender) canCut() bool {
	s.p.mu.Lock()
	waits := len(s.p.queue) > 0 || s.p.work != nil
	s.p.mu.Unlock()
	s.p.boxMu.Lock()
	defer s.p.boxMu.Unlock()
	return waits && s.p.box.room() > 0
}

func (s *sender) takeBatch() *batch {
	s.p.boxMu.Lock()
	defer s.p.boxMu.Unlock()
	b := s.p.box.take()
	if b != nil && !b.wasSent {
		b.wasSent = true
		s.p.sent.Add(uint64(b.entries))
	}
	return b
}

// cut moves what waits into the outbox, as far as the window has room.
func (s *sender) cut() {
	for {
		s.p.boxMu.Lock()
		room, next := s.p.box.room(), s.p.box.next()
		s.p.boxMu.Unlock()
		if room <= 0 {
			return
		}
		w := s.current(next)
		if w == nil {
			return
		}
		mayEnd := w.end != nil && w.opening.takeRest(w)
		b := w.nextBatch(s.batchBytesMax, s.messageBytesMax, mayEnd, s.refuse)
		if b == nil {
			if w.end != nil {
				// A call is in the midst of storing a point: the end comes behind it.
				return
			}
			s.done(w)
			continue
		}
		b.request = b.parts.Encode(next)
		s.p.boxMu.Lock()
		s.p.box.add(b)
		s.p.boxMu.Unlock()
	}
}

// current is what is being cut, or the next that waits; waiters are told what they wait for.
func (s *sender) current(nextSequence uint64) *work {
	p := s.p
	p.mu.Lock()
	for p.work == nil {
		if len(p.queue) == 0 {
			p.queue = nil
			p.mu.Unlock()
			return nil
		}
		item := p.queue[0]
		p.queue[0] = nil
		p.queue = p.queue[1:]
		switch item := item.(type) {
		case *waiter:
			item.mark = nextSequence - 1
			p.boxMu.Lock()
			p.waiting = append(p.waiting, item)
			s.settleWaiters()
			p.boxMu.Unlock()
		case *Opening:
			records, dirty := item.records, item.dirty
			item.records, item.dirty, item.isQueued = nil, nil, false
			p.work = &work{opening: item}
			p.work.recordEntries.Store(entriesOf(records))
			w := p.work
			// Looking through many keys keeps no log call waiting.
			p.mu.Unlock()
			w.addRecords(records)
			w.addColumns(dirty)
			return w
		}
	}
	defer p.mu.Unlock()
	return p.work
}

// done lets go of a piece of work, and of an opening that nothing more comes for.
func (s *sender) done(w *work) {
	s.p.mu.Lock()
	s.p.work = nil
	s.p.mu.Unlock()
	if w.opening.isLeft.Load() && w.opening.takeRest(w) && w.isAllButEnd() {
		s.p.forget(w.opening)
	}
}

// settle takes an acknowledged batch out of the spool.
func (s *sender) settle(b *batch) {
	for _, column := range b.parts.Columns {
		for _, span := range column.Spans {
			s.p.spool.Acknowledge(span.Chunk, span.Rows())
		}
	}
	for _, records := range [...][]*spool.Record{b.parts.Before, b.parts.Series, b.parts.After} {
		for _, record := range records {
			s.p.spool.ReleaseRecord(record)
		}
	}
	if last := len(b.parts.After) - 1; last >= 0 && b.parts.After[last].Kind == spool.KindEnd {
		s.p.forget(b.opening)
	}
	refused := 0
	for _, entries := range b.refused {
		refused += entries
	}
	s.p.acknowledged.Add(uint64(max(b.entries-refused, 0)))
}

// settleWaiters wakes those whose mark is acknowledged. With the lock of the outbox.
func (s *sender) settleWaiters() {
	left := s.p.waiting[:0]
	for _, w := range s.p.waiting {
		if w.mark < s.p.box.first {
			close(w.done)
		} else {
			left = append(left, w)
		}
	}
	clear(s.p.waiting[len(left):])
	s.p.waiting = left
}

func (s *sender) read(stream grpc.ClientStream) error {
	answer := &pb.IngestResponse{}
	for {
		proto.Reset(answer)
		if err := stream.RecvMsg(answer); err != nil {
			return endOf(stream, err)
		}
		switch message := answer.GetMessage().(type) {
		case *pb.IngestResponse_Ack:
			s.p.boxMu.Lock()
			s.p.box.acknowledge(message.Ack.GetSequence(), s.settle)
			s.settleWaiters()
			s.p.boxMu.Unlock()
			poke(s.p.stir)
		case *pb.IngestResponse_Rejection:
			s.rejected(message.Rejection)
		case *pb.IngestResponse_Rewind:
			s.p.boxMu.Lock()
			s.p.box.rewind(message.Rewind.GetExpectedSequence())
			s.p.boxMu.Unlock()
			poke(s.p.stir)
		}
	}
}

// rejected counts what the daemon refused of a batch that it took.
func (s *sender) rejected(rejection *pb.Rejection) {
	kind, index := int32(rejection.GetKind()), rejection.GetIndex()
	s.p.boxMu.Lock()
	entries, b := s.p.box.reject(rejection.GetSequence(), kind, index, int(rejection.GetEntries()))
	key := ""
	if b != nil {
		key = b.keyOf(kind, index)
	}
	s.p.boxMu.Unlock()
	s.p.rejected.Add(uint64(entries))
	what := "An entry was refused"
	if key != "" {
		what = "'" + key + "' was refused"
	}
	s.say(fault.WithRemedy(rejection.GetCode(), rejection.GetRemedy(), "%s: %s", what, rejection.GetMessage()), key)
}

// refuse counts an entry that fits into no message.
func (s *sender) refuse(record *spool.Record) {
	s.p.spool.ReleaseRecord(record)
	s.p.rejected.Add(uint64(max(record.Points, 1)))
	s.say(fault.New("STEPWELL_ENTRY_TOO_LARGE", "%q fits into no message.", record.Name), record.Name)
}

// say warns once for each code and key.
func (s *sender) say(err *fault.Error, key string) {
	which := [2]string{err.Code, key}
	s.p.boxMu.Lock()
	isNew := !s.refusals[which] && len(s.refusals) < limits.RejectionWarningsMax
	if isNew {
		s.refusals[which] = true
	}
	s.p.boxMu.Unlock()
	if isNew {
		s.p.warn(err)
	}
}

// rawCodec sends bytes that are encoded already; answers become messages.
type rawCodec struct{}

var _ encoding.CodecV2 = rawCodec{}

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(message any) (mem.BufferSlice, error) {
	encoded, ok := message.([]byte)
	if !ok {
		return nil, errors.New("a request is encoded beforehand")
	}
	return mem.BufferSlice{mem.SliceBuffer(encoded)}, nil
}

func (rawCodec) Unmarshal(data mem.BufferSlice, message any) error {
	into, ok := message.(proto.Message)
	if !ok {
		return errors.New("an answer is a message")
	}
	return proto.Unmarshal(data.Materialize(), into)
}
