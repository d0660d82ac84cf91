package stepwell

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"

	"github.com/stepwell/stepwell/clients/go/internal/contract"
	"github.com/stepwell/stepwell/clients/go/internal/daemon"
	"github.com/stepwell/stepwell/clients/go/internal/limits"
	pb "github.com/stepwell/stepwell/clients/go/internal/stepwellv1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// State is what is queued, delivered and wrong at the daemon. A point that goes to two trackers counts twice in what is
// queued and delivered.
type State struct {
	// QueuedPoints wait for a backend, in QueuedBytes of the journal; OldestAge is the oldest one's, 0 when none waits.
	QueuedPoints uint64
	QueuedBytes  uint64
	OldestAge    time.Duration
	// DeliveredPoints were confirmed by backends, and JournaledPoints taken, since the home was made.
	DeliveredPoints uint64
	JournaledPoints uint64
	// DeadLetters are entries that a backend refused for good; RejectedEntries were refused as they came in.
	DeadLetters     uint64
	RejectedEntries uint64
	// Producers have a stream.
	Producers int
	Runs      int
	// Lanes that hold entries, 50 at most, the worst first.
	Lanes []Lane
	// JournalError is why nothing can be journaled now; empty when all is well.
	JournalError string
	// Notices are sentences about what the daemon noticed since it started.
	Notices []string
}

// Lane is what one run has on its way to one tracker.
type Lane struct {
	RunID   string
	Tracker string
	// State is "idle", "flushing", "waiting", "retrying" or "held".
	State string
	// LastError is what the backend said last; empty when all is well.
	LastError       string
	QueuedPoints    uint64
	DeliveredPoints uint64
	OldestAge       time.Duration
}

// RunState is a run as the daemon knows it.
type RunState struct {
	ID         string
	Name       string
	Experiment string
	// Status is "RUNNING", "FINISHED", "FAILED" or "KILLED".
	Status Status
	// Started and Ended are as the program said; Ended is zero while the run goes on.
	Started, Ended  time.Time
	JournaledPoints uint64
	// Standing says in one sentence what is delivered, or waits and why.
	Standing   string
	Deliveries []Delivery
}

// Delivery is how far a run has come at one tracker.
type Delivery struct {
	Tracker string
	// MLflowRunID is the run's id there; empty until a server has given it one.
	MLflowRunID string
	// URL is the run's page where the server has it, else the backend's address as MLflow takes it.
	URL             string
	DeliveredPoints uint64
	QueuedPoints    uint64
}

// State asks the daemon what is queued, delivered and wrong. Fails with STEPWELL_DAEMON_UNREACHABLE.
func (c *Client) State(ctx context.Context) (State, error) {
	var state State
	err := c.call(ctx, func(ctx context.Context, connection *grpc.ClientConn) error {
		var trailer metadata.MD
		answer, err := pb.NewDaemonServiceClient(connection).GetStatus(ctx, &pb.GetStatusRequest{}, grpc.Trailer(&trailer))
		state = stateOf(answer.GetStatus())
		return daemon.ErrorOf(err, trailer)
	})
	return state, err
}

// WatchState answers the state at once and then at each interval, from 50 ms to a minute, until the loop over it or the
// context ends. An error is the last thing that it answers: STEPWELL_DAEMON_UNREACHABLE when the daemon went away.
func (c *Client) WatchState(ctx context.Context, interval time.Duration) iter.Seq2[State, error] {
	return func(yield func(State, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		connection, err := c.finder.Connect(ctx, true)
		if err != nil {
			yield(State{}, err)
			return
		}
		defer connection.Close()
		stream, err := pb.NewDaemonServiceClient(connection).WatchStatus(ctx, &pb.WatchStatusRequest{IntervalMs: uint32(interval.Milliseconds())})
		for err == nil {
			var answer *pb.WatchStatusResponse
			if answer, err = stream.Recv(); err == nil && !yield(stateOf(answer.GetStatus()), nil) {
				return
			}
		}
		if ctx.Err() != nil {
			yield(State{}, ctx.Err())
			return
		}
		var trailer metadata.MD
		if stream != nil {
			trailer = stream.Trailer()
		}
		yield(State{}, daemon.ErrorOf(err, trailer))
	}
}

// RunState asks the daemon for a run by its id, or the beginning of one. Fails with STEPWELL_RUN_UNKNOWN,
// STEPWELL_NAME_AMBIGUOUS or STEPWELL_DAEMON_UNREACHABLE.
func (c *Client) RunState(ctx context.Context, runID string) (RunState, error) {
	var state RunState
	err := c.call(ctx, func(ctx context.Context, connection *grpc.ClientConn) error {
		var trailer metadata.MD
		answer, err := pb.NewRunsServiceClient(connection).GetRun(ctx, &pb.GetRunRequest{RunId: runID}, grpc.Trailer(&trailer))
		if err != nil {
			return daemon.ErrorOf(err, trailer)
		}
		run := answer.GetRun()
		state = RunState{
			ID: run.GetRunId(), Name: run.GetRunName(), Experiment: run.GetExperimentName(), Status: statusOf(run.GetStatus()),
			Started: timeOf(run.GetStartTimeMs()), Ended: timeOf(run.GetEndTimeMs()), JournaledPoints: run.GetJournaledPoints(),
			Standing: answer.GetStanding(),
		}
		for _, each := range run.GetDeliveries() {
			state.Deliveries = append(state.Deliveries, Delivery{
				Tracker: each.GetTracker(), MLflowRunID: each.GetMlflowRunId(), URL: each.GetExperimentTrackerUrl(),
				DeliveredPoints: each.GetDeliveredPoints(), QueuedPoints: each.GetQueuedPoints(),
			})
		}
		return nil
	})
	return state, err
}

// Drained is whether the backends have confirmed what was waited for, and what is left.
type Drained struct {
	// IsComplete is false when the time was over first.
	IsComplete bool
	// Lanes are what is not there yet, and why: 50 at most.
	Lanes []Lane
	// DeadLetters are entries that a backend refused for good: no wait brings them there.
	DeadLetters uint64
}

// Drain waits until the backends have confirmed everything that this client logged before: Flush, and more. What is flushed
// outlives this process and a power cut, but not this machine's disk; what is drained is where it was to go. Shortly before the
// context's deadline, or after 60 s without one, it answers what is not there yet, and the daemon goes on with it.
//
// Fails as Flush does, and with STEPWELL_RUN_UNKNOWN where the home was replaced since.
func (c *Client) Drain(ctx context.Context) (Drained, error) {
	deadline, isBounded := ctx.Deadline()
	if !isBounded {
		deadline = time.Now().Add(contract.FlushWait)
		timed, cancel := context.WithDeadline(ctx, deadline.Add(limits.DrainAnswer))
		defer cancel()
		ctx = timed
	} else if left := time.Until(deadline); left > 0 {
		// The answer has to be here before.
		deadline = deadline.Add(-min(limits.DrainAnswer, left/4))
	}
	if err := c.producer.Flush(ctx); err != nil {
		return Drained{}, err
	}
	runIDs, isWhole := c.producer.RunIDs()
	if isWhole && len(runIDs) == 0 {
		return Drained{IsComplete: true}, nil
	}
	var drained Drained
	err := c.call(ctx, func(ctx context.Context, connection *grpc.ClientConn) error {
		timeout := max(time.Until(deadline), time.Millisecond)
		var trailer metadata.MD
		request := &pb.FlushRequest{TimeoutMs: uint32(timeout.Milliseconds()), RunIds: runIDs}
		answer, err := pb.NewDaemonServiceClient(connection).Flush(ctx, request, grpc.Trailer(&trailer))
		drained = Drained{IsComplete: answer.GetDrained(), Lanes: lanesOf(answer.GetLanes()), DeadLetters: answer.GetDeadLetters()}
		return daemon.ErrorOf(err, trailer)
	})
	return drained, err
}

func stateOf(status *pb.Status) State {
	state := State{
		QueuedPoints: status.GetQueuedPoints(), QueuedBytes: status.GetQueuedBytes(), OldestAge: seconds(status.GetOldestAgeSeconds()),
		DeliveredPoints: status.GetDeliveredPoints(), JournaledPoints: status.GetJournaledPoints(), DeadLetters: status.GetDeadLetters(),
		RejectedEntries: status.GetRejectedEntries(), Producers: int(status.GetProducersConnected()), Runs: int(status.GetRunCount()),
		JournalError: status.GetJournalError(), Notices: status.GetNotices(),
	}
	state.Lanes = lanesOf(status.GetLanes())
	return state
}

func lanesOf(told []*pb.Lane) (lanes []Lane) {
	for _, lane := range told {
		lanes = append(lanes, Lane{
			RunID: lane.GetRunId(), Tracker: lane.GetTracker(), State: laneStates[lane.GetState()], LastError: lane.GetLastError(),
			QueuedPoints: lane.GetQueuedPoints(), DeliveredPoints: lane.GetDeliveredPoints(), OldestAge: seconds(lane.GetOldestAgeSeconds()),
		})
	}
	return lanes
}

var laneStates = map[pb.LaneState]string{
	pb.LaneState_LANE_STATE_IDLE: "idle", pb.LaneState_LANE_STATE_FLUSHING: "flushing", pb.LaneState_LANE_STATE_WAITING: "waiting",
	pb.LaneState_LANE_STATE_RETRYING: "retrying", pb.LaneState_LANE_STATE_HELD: "held",
}

func statusOf(status pb.RunStatus) Status {
	return map[pb.RunStatus]Status{
		pb.RunStatus_RUN_STATUS_RUNNING: "RUNNING", pb.RunStatus_RUN_STATUS_SCHEDULED: "SCHEDULED",
		pb.RunStatus_RUN_STATUS_FINISHED: Finished, pb.RunStatus_RUN_STATUS_FAILED: Failed, pb.RunStatus_RUN_STATUS_KILLED: Killed,
	}[status]
}

func seconds(count float64) time.Duration { return time.Duration(count * float64(time.Second)) }

func timeOf(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// all reads a stream of pieces to its end.
func all[Piece any](stream grpc.ServerStreamingClient[Piece], take func(*Piece)) error {
	for {
		piece, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return daemon.ErrorOf(err, stream.Trailer())
		}
		take(piece)
	}
}
