package stepwell_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stepwell/stepwell/clients/go"
	pb "github.com/stepwell/stepwell/clients/go/internal/stepwellv1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

const patience = 30 * time.Second

// fakeDaemon answers streams as a daemon does, as far as its script says nothing else, and notes what it was told.
type fakeDaemon struct {
	pb.UnimplementedIngestServiceServer
	pb.UnimplementedDaemonServiceServer
	home   string
	socket string

	mu      sync.Mutex
	homeID  string
	window  uint64
	largest uint32
	// Called for each batch, with how many came before; what it answers in place of an acknowledgement.
	onBatch func(number int, batch *pb.Batch) reply
	hellos  []*pb.Hello
	batches []*pb.Batch
	closes  int
	asked   int
	// The highest sequence that is acknowledged.
	journaled uint64
	changed   *sync.Cond
}

// reply says what becomes of a batch; the zero value acknowledges it.
type reply struct {
	withholds bool
	rewinds   uint64
	rejects   []*pb.Rejection
	ends      error
	// The acknowledgement is kept, and the stream ends with the error.
	afterwards error
}

func startFake(t *testing.T, home string) *fakeDaemon {
	t.Helper()
	f := &fakeDaemon{
		home: home, socket: filepath.Join(home, "fake.sock"), homeID: "0123456789abcdef0123456789abcdef",
		window: 8 << 20, largest: 4 << 20,
	}
	f.changed = sync.NewCond(&f.mu)
	f.serve(t)
	return f
}

// serve listens, and writes the endpoint file as a daemon does. It answers what stops it.
func (f *fakeDaemon) serve(t *testing.T) func() {
	t.Helper()
	stop := serveAt(t, f.socket, f, f)
	writeEndpoint(t, f.home, "unix:"+f.socket, f.home, f.homeID)
	return stop
}

func serveAt(t *testing.T, socket string, ingest pb.IngestServiceServer, info pb.DaemonServiceServer) func() {
	t.Helper()
	_ = os.Remove(socket)
	listener, err := net.Listen("unix", socket)
	must(t, err)
	server := grpc.NewServer(grpc.MaxRecvMsgSize(64 << 20))
	pb.RegisterIngestServiceServer(server, ingest)
	pb.RegisterDaemonServiceServer(server, info)
	go func() { _ = server.Serve(listener) }()
	stop := sync.OnceFunc(server.Stop)
	t.Cleanup(stop)
	return stop
}

func (f *fakeDaemon) GetInfo(context.Context, *pb.GetInfoRequest) (*pb.GetInfoResponse, error) {
	f.mu.Lock()
	f.asked++
	f.mu.Unlock()
	return &pb.GetInfoResponse{Pid: 1, Home: f.home, HomeId: f.homeID, Version: "0"}, nil
}

func (f *fakeDaemon) Ingest(stream grpc.BidiStreamingServer[pb.IngestRequest, pb.IngestResponse]) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	f.mu.Lock()
	f.hellos = append(f.hellos, first.GetHello())
	welcome := &pb.Welcome{
		ProtocolVersion: 1, HomeId: f.homeID, JournaledSequence: f.journaled, UnacknowledgedBytesMax: f.window, MessageBytesMax: f.largest,
	}
	f.changed.Broadcast()
	f.mu.Unlock()
	if err := stream.Send(&pb.IngestResponse{Message: &pb.IngestResponse_Welcome{Welcome: welcome}}); err != nil {
		return err
	}
	for {
		request, err := stream.Recv()
		if err != nil {
			return nil
		}
		if request.GetClose() != nil {
			f.mu.Lock()
			f.closes++
			f.changed.Broadcast()
			f.mu.Unlock()
			return nil
		}
		if err := f.answer(stream, request.GetBatch()); err != nil {
			return err
		}
	}
}

func (f *fakeDaemon) answer(stream grpc.BidiStreamingServer[pb.IngestRequest, pb.IngestResponse], batch *pb.Batch) error {
	f.mu.Lock()
	r := reply{}
	if f.onBatch != nil {
		r = f.onBatch(len(f.batches), batch)
	}
	f.batches = append(f.batches, batch)
	f.changed.Broadcast()
	sequence := batch.GetSequence()
	isTaken := !r.withholds && r.rewinds == 0 && r.ends == nil
	if isTaken {
		f.journaled = max(f.journaled, sequence)
	}
	f.mu.Unlock()
	switch {
	case r.ends != nil:
		return r.ends
	case r.rewinds != 0:
		return stream.Send(&pb.IngestResponse{Message: &pb.IngestResponse_Rewind{Rewind: &pb.Rewind{ExpectedSequence: r.rewinds}}})
	case r.withholds:
		return nil
	case r.afterwards != nil:
		return r.afterwards
	}
	for _, rejection := range r.rejects {
		if err := stream.Send(&pb.IngestResponse{Message: &pb.IngestResponse_Rejection{Rejection: rejection}}); err != nil {
			return err
		}
	}
	return stream.Send(&pb.IngestResponse{Message: &pb.IngestResponse_Ack{Ack: &pb.Ack{Sequence: sequence, Level: pb.AckLevel_ACK_LEVEL_JOURNALED}}})
}

// acknowledged are the batches that count: each sequence once, the last that came.
func (f *fakeDaemon) acknowledged() map[uint64]*pb.Batch {
	f.mu.Lock()
	defer f.mu.Unlock()
	found := map[uint64]*pb.Batch{}
	for _, batch := range f.batches {
		if batch.GetSequence() <= f.journaled {
			found[batch.GetSequence()] = batch
		}
	}
	return found
}

// await waits until what was told is as wanted.
func (f *fakeDaemon) await(t *testing.T, what string, isSo func() bool) {
	t.Helper()
	late := time.AfterFunc(patience, func() { f.mu.Lock(); f.changed.Broadcast(); f.mu.Unlock() })
	defer late.Stop()
	begun := time.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	for !isSo() {
		if time.Since(begun) >= patience {
			t.Fatalf("waited in vain for %s: %d hellos, %d batches, journaled %d", what, len(f.hellos), len(f.batches), f.journaled)
		}
		f.changed.Wait()
	}
}

func coded(grpcCode codes.Code, code string) error {
	return status.Error(grpcCode, code+" as the test wants it")
}

// endWith ends a stream with a stable code.
func endWith(stream grpc.ServerStream, grpcCode codes.Code, code string) error {
	stream.SetTrailer(metadata.Pairs("stepwell-code", code, "stepwell-remedy", "Do as the test says."))
	return coded(grpcCode, code)
}

// newClient makes one in a home, and closes it at the end.
func newClient(t *testing.T, home string, more ...stepwell.Option) (*stepwell.Client, *warnings) {
	t.Helper()
	said := &warnings{}
	client, err := stepwell.New(append([]stepwell.Option{
		stepwell.WithHome(home), stepwell.WithAutostart(false), stepwell.WithWarnings(said.add),
	}, more...)...)
	must(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		_ = client.Close(ctx)
	})
	return client, said
}

type warnings struct {
	mu   sync.Mutex
	list []*stepwell.Error
}

func (w *warnings) add(err *stepwell.Error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = append(w.list, err)
}

func (w *warnings) codes() (codes []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, each := range w.list {
		codes = append(codes, each.Code)
	}
	return codes
}
