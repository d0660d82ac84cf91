package daemon

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/stepwell/stepwell/clients/go/internal/contract"
	"github.com/stepwell/stepwell/clients/go/internal/fault"
	"github.com/stepwell/stepwell/clients/go/internal/limits"
)

// Finder answers where the daemon listens, and starts one. Several threads may ask.
type Finder struct {
	settings Settings

	mu sync.Mutex
	// What the endpoint file held when it was read last, and when it led to another home's daemon.
	content, disproved *endpointFile
	pause              time.Duration
	startNotBefore     time.Time
	startFailure       *fault.Error
	isCommandMissing   bool
	// Held while the command runs.
	starting sync.Mutex
}

// NewFinder makes one.
func NewFinder(settings Settings) *Finder {
	return &Finder{settings: settings, pause: contract.DaemonStartPauseMin}
}

// IsFixed says whether the endpoint is given, of whatever home.
func (f *Finder) IsFixed() bool { return f.settings.Endpoint != "" }

// Home is the folder, or an empty text where the endpoint is given.
func (f *Finder) Home() string {
	if f.IsFixed() {
		return ""
	}
	return f.settings.Home
}

// StartFailure is why the last try to start one failed, and whether the command could not even be run.
func (f *Finder) StartFailure() (*fault.Error, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.startFailure, f.isCommandMissing
}

// find answers the endpoint, or an empty text; no promise that it answers.
func (f *Finder) find() (string, error) {
	if f.IsFixed() {
		return f.settings.Endpoint, nil
	}
	content, err := readEndpoint(f.settings.Home)
	if err != nil || content == nil {
		return "", err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.disproved != nil && *f.disproved == *content {
		return "", nil
	}
	f.content = content
	// A copied home holds the endpoint file of the home that it was copied from.
	if content.Endpoint == "" || content.Home == "" || !isSameFolder(content.Home, f.settings.Home) {
		return "", nil
	}
	return content.Endpoint, nil
}

// check takes the folder that the daemon says to be its home; the endpoint file that led to another one is not believed
// again.
func (f *Finder) check(home string) error {
	if f.IsFixed() || isSameFolder(home, f.settings.Home) {
		return nil
	}
	f.disprove()
	return unreachable("The daemon that answers is that of %s, and not that of %s.", home, f.settings.Home)
}

// CheckID takes the id that the daemon says its home to have: the one that it began with, or that of the home now, as a
// home that finds itself to be a copy takes a new one while its daemon runs.
func (f *Finder) CheckID(homeID string) error {
	f.mu.Lock()
	content := f.content
	f.mu.Unlock()
	if f.IsFixed() || content == nil || homeID == content.HomeID {
		return nil
	}
	text, err := readPlain(filepath.Join(f.settings.Home, "home-id"), contract.HomeIDFileBytesMax)
	kept := strings.TrimSpace(string(text))
	if err != nil || kept == "" || kept == homeID {
		return nil
	}
	f.disprove()
	return unreachable("The daemon that answers has the home %s, and %s is %s.", homeID, f.settings.Home, kept)
}

func (f *Finder) disprove() {
	f.mu.Lock()
	f.disproved = f.content
	f.mu.Unlock()
}

// start returns when the daemon answers, or does nothing soon after a failure.
func (f *Finder) start(ctx context.Context) error {
	if f.IsFixed() {
		return unreachable("Nothing answers at %s.", f.settings.Endpoint)
	}
	if !f.settings.Autostart {
		return unreachable("No daemon answers for %s, and STEPWELL_AUTOSTART is 0.", f.settings.Home)
	}
	f.starting.Lock()
	defer f.starting.Unlock()
	f.mu.Lock()
	notBefore := f.startNotBefore
	f.mu.Unlock()
	if time.Now().Before(notBefore) {
		return nil
	}
	failure, isMissing := f.runStartCommand(ctx)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.startFailure, f.isCommandMissing = failure, isMissing
	if failure == nil {
		f.pause = contract.DaemonStartPauseMin
		return nil
	}
	if ctx.Err() == nil {
		f.startNotBefore = time.Now().Add(f.pause)
		f.pause = min(contract.DaemonStartPauseMax, 2*f.pause)
	}
	return failure
}

func (f *Finder) runStartCommand(ctx context.Context) (failure *fault.Error, isMissing bool) {
	shown := strings.Join(f.settings.Command, " ")
	timed, cancel := context.WithTimeout(ctx, contract.DaemonStartWait)
	defer cancel()
	// Looked for each time: it may be installed meanwhile.
	command := exec.CommandContext(timed, f.settings.Command[0], append(append([]string{}, f.settings.Command[1:]...), "daemon", "start")...)
	said := &beginning{left: limits.CommandOutputBytesMax}
	command.Stderr = said
	command.Env = append(os.Environ(), "STEPWELL_HOME="+f.settings.Home)
	// One that lives on may hold the pipe open.
	command.WaitDelay = time.Second
	inOwnSession(command)
	if _, err := os.Getwd(); err != nil {
		// A program that was started in a folder that is gone by now has no other place.
		command.Dir = string(filepath.Separator)
	}
	if err := command.Start(); err != nil {
		return fault.WithRemedy("STEPWELL_DAEMON_UNREACHABLE", "Put stepwell on the PATH, or set STEPWELL_COMMAND to what runs it.",
			"'%s' can't be run: %v.", shown, err).Because(err), true
	}
	err := command.Wait()
	if err == nil || errors.Is(err, exec.ErrWaitDelay) {
		return nil, false
	}
	if timed.Err() != nil && ctx.Err() == nil {
		return unreachable("'%s' daemon start did not end in %v.", shown, contract.DaemonStartWait), false
	}
	if reason := said.line(); reason != "" {
		return unreachable("'%s' daemon start ended: %s.", shown, reason), false
	}
	return unreachable("'%s' daemon start ended with %v.", shown, err).Because(err), false
}

// beginning keeps the first bytes of what a command says.
type beginning struct {
	text bytes.Buffer
	left int
}

func (b *beginning) Write(text []byte) (int, error) {
	kept := min(len(text), b.left)
	b.text.Write(text[:kept])
	b.left -= kept
	return len(text), nil
}

// line is the sentence, what to do and the code, on one line.
func (b *beginning) line() string {
	line := strings.TrimPrefix(strings.Join(strings.Fields(strings.ToValidUTF8(b.text.String(), "?")), " "), "error: ")
	return line[:min(len(line), limits.ReasonCharactersMax)]
}

func unreachable(format string, values ...any) *fault.Error {
	return fault.New("STEPWELL_DAEMON_UNREACHABLE", format, values...)
}
