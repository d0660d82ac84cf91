package stepwell_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/stepwell/stepwell/clients/go"
)

// One daemon serves all tests of this file that do not end it.
var shared struct{ home string }

// Variables of a process that is a test's child: which of the programs below it is.
const childVariable = "STEPWELL_GO_TEST_CHILD"

func TestMain(m *testing.M) {
	if program := os.Getenv(childVariable); program != "" {
		programs[program]()
		return
	}
	code := m.Run()
	if shared.home != "" {
		killDaemon(shared.home)
		_ = os.RemoveAll(shared.home)
	}
	os.Exit(code)
}

func command(t *testing.T) string {
	t.Helper()
	program, err := filepath.Abs("../../build/stepwell.js")
	must(t, err)
	if _, err := os.Stat(program); err != nil {
		t.Fatal("the daemon is not built: node scripts/build.mjs")
	}
	return "node '" + program + "'"
}

// daemonHome is a home whose daemon is started by whoever needs it, and ended with the test.
func daemonHome(t *testing.T) string {
	t.Helper()
	home := scratchHome(t)
	t.Setenv("STEPWELL_COMMAND", command(t))
	t.Cleanup(func() { killDaemon(home) })
	return home
}

func sharedHome(t *testing.T) string {
	t.Helper()
	scratchHome(t)
	if shared.home == "" {
		home, err := os.MkdirTemp("", "stepwell-go-")
		must(t, err)
		shared.home = home
	}
	t.Setenv("STEPWELL_HOME", shared.home)
	t.Setenv("STEPWELL_COMMAND", command(t))
	return shared.home
}

func daemonPid(home string) int {
	text, err := os.ReadFile(filepath.Join(home, "endpoint.json"))
	var content struct{ Pid int }
	if err != nil || json.Unmarshal(text, &content) != nil {
		return 0
	}
	return content.Pid
}

func killDaemon(home string) {
	if pid := daemonPid(home); pid > 1 {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// stepwellCommand runs the command in the test's home and answers what it says, as JSON.
func stepwellCommand(t *testing.T, into any, arguments ...string) {
	t.Helper()
	program, _ := filepath.Abs("../../build/stepwell.js")
	said, err := exec.CommandContext(within(t, 2*time.Minute), "node", append([]string{program}, arguments...)...).Output()
	if err != nil {
		t.Fatalf("%v: %v: %s", arguments, err, said)
	}
	if into != nil {
		must(t, json.Unmarshal(said, into))
	}
}

func drain(t *testing.T, client *stepwell.Client) {
	t.Helper()
	drained, err := client.Drain(within(t, time.Minute))
	must(t, err)
	if !drained.IsComplete {
		state, _ := client.State(within(t, patience))
		t.Fatalf("not all was delivered: %+v", state)
	}
}

func TestARunReachesMLflowThroughADaemonThatTheClientStarted(t *testing.T) {
	home := daemonHome(t)
	client, said := newClient(t, home, stepwell.WithAutostart(true))
	run, err := client.StartRun(stepwell.RunOptions{Name: "first", Experiment: "go", Tags: map[string]any{"team": "vision"}})
	must(t, err)
	must(t, run.LogParam("lr", 0.1))
	for step := range 2_500 {
		must(t, run.LogMetric("loss", 1/float64(step+1), int64(step)))
	}
	must(t, run.LogSeries("curve", stepwell.Series{Steps: []int64{1, 2}, Values: []float64{0.5, 0.25}}))
	must(t, run.End(stepwell.Finished))
	must(t, client.Flush(within(t, time.Minute)))
	drain(t, client)
	state, err := client.RunState(within(t, patience), run.ID())
	must(t, err)
	if state.Status != stepwell.Finished || state.Name != "first" || state.Experiment != "go" || state.JournaledPoints != 2_502 ||
		len(state.Deliveries) != 1 || state.Deliveries[0].DeliveredPoints != 2_502 || state.Ended.IsZero() {
		t.Errorf("the run is %+v", state)
	}
	var shown struct {
		Metrics map[string]float64 `json:"metrics"`
		Params  map[string]string  `json:"params"`
		Tags    map[string]string  `json:"tags"`
	}
	stepwellCommand(t, &shown, "runs", "show", run.ID(), "-o", "json")
	if shown.Metrics["loss"] != 1/2_500.0 || shown.Metrics["curve"] != 0.25 || shown.Params["lr"] != "0.1" || shown.Tags["team"] != "vision" {
		t.Errorf("it has %+v", shown)
	}
	_, err = client.RunState(within(t, patience), "ffffffff")
	expectCode(t, err, "STEPWELL_RUN_UNKNOWN")
	must(t, client.Close(within(t, patience)))
	if len(said.codes()) != 0 || len(spools(t, home)) != 0 {
		t.Errorf("said %v, spools %v", said.codes(), spools(t, home))
	}
}

func TestTrackersStacksAndSecretsAreRegisteredAndRead(t *testing.T) {
	client, _ := newClient(t, sharedHome(t), stepwell.WithAutostart(true))
	ctx := within(t, time.Minute)
	secret, err := client.CreateSecret(ctx, "server", map[string]string{"username": "ada", "password": "lovelace"})
	must(t, err)
	if !slices.Equal(secret.Keys, []string{"password", "username"}) || secret.Name != "server" {
		t.Errorf("the secret is %+v", secret)
	}
	_, err = client.CreateSecret(ctx, "server", map[string]string{"a": "b"})
	expectCode(t, err, "STEPWELL_NAME_TAKEN")
	tracker, err := client.RegisterTracker(ctx, stepwell.Tracker{Name: "remote", Configuration: map[string]string{
		"tracking_uri": "http://127.0.0.1:1", "tracking_username": "{{server.username}}", "tracking_password": "{{server.password}}",
	}})
	must(t, err)
	if tracker.Flavor != "mlflow" || tracker.Configuration["tracking_password"] != "{{server.password}}" {
		t.Errorf("the tracker is %+v", tracker)
	}
	_, err = client.RegisterTracker(ctx, stepwell.Tracker{Name: "other", Configuration: map[string]string{"tracking_uri": "gopher://x"}})
	expectCode(t, err, "STEPWELL_CONFIG_INVALID")
	trackers, err := client.Trackers(ctx)
	must(t, err)
	if !slices.ContainsFunc(trackers, func(each stepwell.Component) bool { return each.ID == tracker.ID }) {
		t.Errorf("the trackers are %+v", trackers)
	}
	made, err := client.RegisterStack(ctx, "away", []string{"remote"}, false)
	must(t, err)
	stacks, err := client.Stacks(ctx)
	must(t, err)
	active, err := client.ActiveStack(ctx)
	must(t, err)
	if made.Trackers[0].Name != "remote" || len(stacks) != 2 || !active.IsActive || active.Name != "default" {
		t.Errorf("made %+v of %d stacks, %s is active", made, len(stacks), active.Name)
	}
	secrets, err := client.Secrets(ctx)
	must(t, err)
	if len(secrets) != 1 || secrets[0].ID != secret.ID {
		t.Errorf("the secrets are %+v", secrets)
	}
}

func TestTheStateIsWatchedUntilTheLoopEnds(t *testing.T) {
	client, _ := newClient(t, sharedHome(t), stepwell.WithAutostart(true))
	run, err := client.StartRun(stepwell.RunOptions{})
	must(t, err)
	looks := 0
	for state, err := range client.WatchState(within(t, time.Minute), 50*time.Millisecond) {
		must(t, err)
		if looks++; looks == 2 {
			must(t, run.LogMetric("loss", 1, 1))
		}
		if looks > 2 && state.JournaledPoints > 0 {
			break
		}
	}
	must(t, run.End(stepwell.Finished))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var last error
	for _, err := range client.WatchState(ctx, 50*time.Millisecond) {
		cancel()
		last = err
	}
	if last == nil {
		t.Error("it ended without a reason")
	}
	must(t, client.Close(within(t, patience)))
	eventually(t, "the goroutines' end", func() bool { return len(ours()) == 0 })
}

func TestArtifactsAreStoredWithTheRun(t *testing.T) {
	home := sharedHome(t)
	client, _ := newClient(t, home, stepwell.WithAutostart(true))
	run, err := client.StartRun(stepwell.RunOptions{Trackers: []string{"default"}})
	must(t, err)
	ctx := within(t, time.Minute)
	must(t, run.LogText(ctx, "häl", "notes/a b.txt"))
	folder := filepath.Join(t.TempDir(), "model")
	must(t, os.MkdirAll(filepath.Join(folder, "deep"), 0o700))
	must(t, os.WriteFile(filepath.Join(folder, "deep", "weights.bin"), make([]byte, 3<<20), 0o600))
	must(t, run.LogArtifact(ctx, folder, "best"))
	expectCode(t, run.LogArtifact(ctx, folder, "../up"), "STEPWELL_ARTIFACT_INVALID")
	expectCode(t, run.LogArtifact(ctx, filepath.Join(folder, "none"), ""), "STEPWELL_ARTIFACT_INVALID")
	expectCode(t, run.LogText(ctx, "x", ""), "STEPWELL_ARTIFACT_INVALID")
	found := map[string]int64{}
	must(t, filepath.WalkDir(filepath.Join(home, "artifact_stores"), func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.Contains(path, run.ID()) {
			info, _ := entry.Info()
			_, below, _ := strings.Cut(path, run.ID())
			found[filepath.ToSlash(below)] = info.Size()
		}
		return err
	}))
	if len(found) != 2 || found["/artifacts/notes/a b.txt"] != 4 || found["/artifacts/best/model/deep/weights.bin"] != 3<<20 {
		t.Errorf("stored are %v", found)
	}
	must(t, run.End(stepwell.Finished))
	must(t, client.Close(ctx))
}

// programs are what a child of a test does.
var programs = map[string]func(){
	// Logs for as long as it lives, and counts in a shared page which calls returned.
	"log": func() {
		client, err := stepwell.New(stepwell.WithAutostart(false))
		check(err)
		run, err := client.StartRun(stepwell.RunOptions{Name: "killed"})
		check(err)
		file, err := os.OpenFile(os.Getenv("LEDGER"), os.O_RDWR, 0)
		check(err)
		page, err := syscall.Mmap(int(file.Fd()), 0, 8, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
		check(err)
		fmt.Println(run.ID())
		for step := int64(0); ; step++ {
			check(run.LogMetric("loss", float64(step), step))
			if step%1_000 == 0 {
				check(run.LogParam(fmt.Sprint("param/", step), step))
			}
			atomic.StoreUint64((*uint64)(unsafe.Pointer(&page[0])), uint64(step+1))
			if step%100 == 0 {
				time.Sleep(50 * time.Microsecond)
			}
		}
	},
	// Logs to the run of `stepwell run`.
	"attached": func() {
		client, err := stepwell.New()
		check(err)
		run, err := client.StartRun(stepwell.RunOptions{Name: "is not its name"})
		check(err)
		check(run.LogMetric("loss", 0.5, 1))
		check(run.End(stepwell.Failed))
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		check(client.Close(ctx))
		fmt.Println(run.ID())
	},
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// child starts one of the programs and answers its first line.
func child(t *testing.T, program string, more ...string) (*exec.Cmd, string) {
	t.Helper()
	started := exec.Command(os.Args[0])
	started.Env = append(append(os.Environ(), childVariable+"="+program), more...)
	started.Stderr = os.Stderr
	output, err := started.StdoutPipe()
	must(t, err)
	must(t, started.Start())
	line, err := bufio.NewReader(output).ReadString('\n')
	must(t, err)
	return started, strings.TrimSpace(line)
}

func TestNoReturnedCallIsLostWhenItsProcessIsKilled(t *testing.T) {
	home := daemonHome(t)
	client, _ := newClient(t, home, stepwell.WithAutostart(true))
	for _, hasDaemon := range []bool{false, true} {
		if hasDaemon {
			_, err := client.Ping(within(t, time.Minute))
			must(t, err)
		}
		ledger := filepath.Join(home, "ledger-"+strconv.FormatBool(hasDaemon))
		must(t, os.WriteFile(ledger, make([]byte, 8), 0o600))
		process, runID := child(t, "log", "LEDGER="+ledger)
		time.Sleep(300 * time.Millisecond)
		must(t, process.Process.Kill())
		_ = process.Wait()
		text, err := os.ReadFile(ledger)
		must(t, err)
		returned := binary.LittleEndian.Uint64(text)
		if returned < 1_000 {
			t.Fatalf("only %d calls returned", returned)
		}
		_, err = client.Ping(within(t, time.Minute))
		must(t, err)
		var state stepwell.RunState
		eventually(t, "the run's end", func() bool {
			state, err = client.RunState(within(t, patience), runID)
			return err == nil && state.Status != "RUNNING"
		})
		// The call that was under way may be there as well.
		if state.JournaledPoints < returned || state.JournaledPoints > returned+1 || state.Status != stepwell.Killed {
			t.Errorf("with a daemon: %v. %d calls returned, %d points are journaled, the run is %s", hasDaemon, returned, state.JournaledPoints, state.Status)
		}
		var shown struct {
			Params map[string]string `json:"params"`
		}
		drain(t, client)
		stepwellCommand(t, &shown, "runs", "show", runID, "-o", "json")
		if count := len(shown.Params); count < int((returned+999)/1_000) {
			t.Errorf("%d params of %d calls", count, returned)
		}
		t.Logf("with a daemon: %v. %d calls returned, %d points are journaled", hasDaemon, returned, state.JournaledPoints)
	}
}

func TestAProgramOfStepwellRunLogsToItsRunAndLeavesItsEnd(t *testing.T) {
	sharedHome(t)
	program, _ := filepath.Abs("../../build/stepwell.js")
	started := exec.CommandContext(within(t, 2*time.Minute), "node", program, "run", "-e", "default", "--run-name", "of the command", "--", os.Args[0])
	started.Env = append(os.Environ(), childVariable+"=attached", "STEPWELL_QUIET=1")
	said, err := started.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	client, _ := newClient(t, shared.home, stepwell.WithAutostart(true))
	state, err := client.RunState(within(t, patience), strings.TrimSpace(string(said)))
	must(t, err)
	if state.Name != "of the command" || state.Status != stepwell.Finished || state.JournaledPoints != 1 {
		t.Errorf("the run is %+v", state)
	}
}
