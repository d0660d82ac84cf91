package stepwell_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stepwell/stepwell/clients/go"
	pb "github.com/stepwell/stepwell/clients/go/internal/stepwellv1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
)

func TestAHomeThatOthersWriteIntoIsRefused(t *testing.T) {
	fake := startFake(t, scratchHome(t))
	must(t, os.Chmod(fake.home, 0o777))
	client, said := newClient(t, fake.home)
	_, err := client.Ping(within(t, patience))
	expectCode(t, err, "STEPWELL_HOME_OPEN")
	run, err := client.StartRun(stepwell.RunOptions{})
	must(t, err)
	must(t, run.LogMetric("loss", 1, 1))
	// Nothing is written where others may change it.
	if client.Stats().IsDurable || len(spools(t, fake.home)) != 0 {
		t.Error("a spool is in an open home")
	}
	eventually(t, "the warning", func() bool { return slices.Contains(said.codes(), "STEPWELL_HOME_OPEN") })
	if len(fake.hellos) != 0 {
		t.Error("the daemon was told something")
	}
	must(t, os.Chmod(fake.home, 0o700))
	must(t, client.Flush(within(t, patience)))
}

func TestAnEndpointFileThatOthersCouldHaveWrittenIsRefused(t *testing.T) {
	fake := startFake(t, scratchHome(t))
	must(t, os.Chmod(filepath.Join(fake.home, "endpoint.json"), 0o666))
	client, _ := newClient(t, fake.home)
	_, err := client.Ping(within(t, patience))
	expectCode(t, err, "STEPWELL_HOME_OPEN")
}

func TestTheSocketOfAnotherUserIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		// The suite's machines are root; elsewhere nobody can give a socket away.
		t.Skip("only root can make another user's socket")
	}
	fake := startFake(t, scratchHome(t))
	must(t, os.Chown(fake.socket, 12_345, 12_345))
	client, _ := newClient(t, fake.home)
	_, err := client.Ping(within(t, patience))
	expectCode(t, err, "STEPWELL_ENDPOINT_FOREIGN")
	given, _ := newClient(t, fake.home, stepwell.WithEndpoint("unix:"+fake.socket))
	_, err = given.Ping(within(t, patience))
	expectCode(t, err, "STEPWELL_ENDPOINT_FOREIGN")
}

func TestTheDaemonOfAnotherHomeIsNotSpokenTo(t *testing.T) {
	other := startFake(t, scratchHome(t))
	home := scratchHome(t)
	const copied = "a copied endpoint file"
	for name, folder := range map[string]string{copied: other.home, "one that lies": home} {
		writeEndpoint(t, home, "unix:"+other.socket, folder, other.homeID)
		client, _ := newClient(t, home)
		run, err := client.StartRun(stepwell.RunOptions{})
		must(t, err)
		must(t, run.LogMetric("loss", 1, 1))
		_, err = client.Ping(within(t, 200*time.Millisecond))
		expectCode(t, err, "STEPWELL_DAEMON_UNREACHABLE")
		expectCode(t, client.Flush(within(t, 200*time.Millisecond)), "STEPWELL_FLUSH_TIMEOUT")
		if len(other.hellos) != 0 || name == copied && other.asked != 0 {
			t.Errorf("%s: the other daemon was told something", name)
		}
		other.asked = 0
	}
}

func TestADaemonOfAHomeWithAnotherIdIsNotSpokenTo(t *testing.T) {
	fake := startFake(t, scratchHome(t))
	must(t, os.WriteFile(filepath.Join(fake.home, "home-id"), []byte("ffffffffffffffffffffffffffffffff\n"), 0o600))
	writeEndpoint(t, fake.home, "unix:"+fake.socket, fake.home, "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee")
	client, _ := newClient(t, fake.home)
	run, err := client.StartRun(stepwell.RunOptions{})
	must(t, err)
	must(t, run.LogMetric("loss", 1, 1))
	expectCode(t, client.Flush(within(t, 500*time.Millisecond)), "STEPWELL_FLUSH_TIMEOUT")
	if len(fake.batches) != 0 {
		t.Error("it was sent something")
	}
}

func TestAGivenEndpointIsUsedWithoutASpool(t *testing.T) {
	fake := startFake(t, scratchHome(t))
	home := scratchHome(t)
	t.Setenv("STEPWELL_ENDPOINT", "unix://"+fake.socket)
	client, said := newClient(t, home)
	run, err := client.StartRun(stepwell.RunOptions{})
	must(t, err)
	must(t, run.LogMetric("loss", 1, 1))
	must(t, client.Flush(within(t, patience)))
	if client.Stats().IsDurable || client.Stats().Acknowledged != 1 || len(said.codes()) != 0 {
		t.Errorf("%+v, said %v", client.Stats(), said.codes())
	}
	t.Setenv("STEPWELL_ENDPOINT", "nowhere")
	broken, _ := newClient(t, home)
	_, err = broken.Ping(within(t, patience))
	expectCode(t, err, "STEPWELL_SETTING_INVALID")
}

func TestWithoutAPlaceForASpoolWhatIsLoggedIsInMemoryAndOneLineSaysSo(t *testing.T) {
	home := scratchHome(t)
	// It is in the way of the folder.
	must(t, os.WriteFile(filepath.Join(home, "client-spools"), nil, 0o600))
	fake := startFake(t, home)
	client, said := newClient(t, home)
	run, err := client.StartRun(stepwell.RunOptions{})
	must(t, err)
	for step := range 10_000 {
		must(t, run.LogMetric("loss", 1, int64(step)))
	}
	must(t, client.Flush(within(t, patience)))
	if !slices.Equal(said.codes(), []string{"STEPWELL_SPOOL_UNAVAILABLE"}) || len(pointsOf(fake.acknowledged())["loss"]) != 10_000 {
		t.Errorf("said %v", said.codes())
	}
}

func TestAFullSpoolDropsTheNewestAndSaysSoOnce(t *testing.T) {
	home := scratchHome(t)
	t.Setenv("STEPWELL_BUFFER_BYTES", "100000")
	client, said := newClient(t, home)
	run, err := client.StartRun(stepwell.RunOptions{})
	must(t, err)
	for step := range 10_000 {
		must(t, run.LogMetric("loss", 1, int64(step)))
	}
	must(t, run.LogParam("lr", strings.Repeat("x", 6_000)))
	must(t, run.End(stepwell.Finished))
	dropped := client.Stats().Dropped
	if dropped < 6_000 || dropped > 8_500 || !slices.Equal(said.codes(), []string{"STEPWELL_BUFFER_FULL"}) {
		t.Fatalf("%d were dropped, said %v", dropped, said.codes())
	}
	fake := startFake(t, home)
	must(t, client.Flush(within(t, patience)))
	points := pointsOf(fake.acknowledged())["loss"]
	if uint64(len(points))+dropped < 10_000 || points[len(points)-1].step != int64(len(points)-1) {
		t.Errorf("%d points arrived, %d were dropped", len(points), dropped)
	}
	hasEnd := false
	for _, batch := range fake.acknowledged() {
		hasEnd = hasEnd || batch.GetRunEnd() != nil
	}
	if !hasEnd {
		t.Error("the run's end is lost")
	}
}

func TestAFailureOfTheProtocolIsFinalAndTold(t *testing.T) {
	fake := &fencing{fakeDaemon: startFake(t, scratchHome(t))}
	fake.serveFencing(t)
	client, said := newClient(t, fake.home)
	run, err := client.StartRun(stepwell.RunOptions{})
	must(t, err)
	must(t, run.LogMetric("loss", 1, 1))
	expectCode(t, client.Flush(within(t, patience)), "STEPWELL_PRODUCER_FENCED")
	expectCode(t, client.Flush(within(t, patience)), "STEPWELL_PRODUCER_FENCED")
	if !slices.Equal(said.codes(), []string{"STEPWELL_PRODUCER_FENCED"}) {
		t.Errorf("said %v", said.codes())
	}
	// What is logged stays in the spool, for the daemon.
	must(t, run.LogMetric("loss", 2, 2))
	_ = client.Close(within(t, patience))
	if len(spools(t, fake.home)) != 1 {
		t.Error("the spool is gone")
	}
}

// fencing ends each stream.
type fencing struct{ *fakeDaemon }

func (f *fencing) Ingest(stream grpc.BidiStreamingServer[pb.IngestRequest, pb.IngestResponse]) error {
	return endWith(stream, codes.FailedPrecondition, "STEPWELL_PRODUCER_FENCED")
}

func (f *fencing) serveFencing(t *testing.T) {
	t.Helper()
	f.socket += "3"
	serveAt(t, f.socket, f, f)
	writeEndpoint(t, f.home, "unix:"+f.socket, f.home, f.homeID)
}

func TestACommandThatCantBeRunIsToldAtOnce(t *testing.T) {
	home := scratchHome(t)
	t.Setenv("STEPWELL_COMMAND", "'/no/such command' --really")
	client, said := newClient(t, home, stepwell.WithAutostart(true))
	run, err := client.StartRun(stepwell.RunOptions{})
	must(t, err)
	must(t, run.LogMetric("loss", 1, 1))
	eventually(t, "the warning", func() bool { return len(said.codes()) > 0 })
	if said.list[0].Code != "STEPWELL_DAEMON_UNREACHABLE" || !strings.Contains(said.list[0].Sentence, "'/no/such command --really' can't be run") {
		t.Errorf("said %v", said.list[0])
	}
	t.Setenv("STEPWELL_COMMAND", "echo 'open")
	_, err = stepwell.New()
	expectCode(t, err, "STEPWELL_SETTING_INVALID")
	t.Setenv("STEPWELL_COMMAND", "sh -c 'echo error: it has no legs >&2; exit 1'")
	lame, _ := newClient(t, home, stepwell.WithAutostart(true))
	_, err = lame.Ping(within(t, 500*time.Millisecond))
	expectCode(t, err, "STEPWELL_DAEMON_UNREACHABLE")
	if !strings.Contains(err.Error(), "daemon start ended: it has no legs.") {
		t.Errorf("said %v", err)
	}
}
